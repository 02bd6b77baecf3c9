package org.patchct.command;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.macro.Interpreter;
import ij.plugin.frame.Recorder;

import org.patchct.imagej.FijiDialog;
import org.patchct.imagej.Help;
import org.patchct.imagej.Images;
import org.patchct.imagej.Inputs;
import org.patchct.imagej.MacroOptions;
import org.patchct.imagej.MacroText;
import org.patchct.imagej.Messages;
import org.patchct.imagej.Provenance;
import org.patchct.imagej.TaskProgress;
import org.patchct.imagej.VolumeOpener;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Mistake;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.command.CommandService;
import org.scijava.command.DynamicCommand;
import org.scijava.module.MethodCallException;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;
import org.scijava.plugin.Parameter;
import org.scijava.thread.ThreadService;
import org.scijava.widget.Button;

/**
 * What all commands share: inputs read strictly, the same error handling in a window, in a macro and without a display,
 * progress and cancelling, and images that macros find by their titles.
 */
public abstract class CtCommand extends DynamicCommand {

	public static final String MENU = "Plugins>CT Reconstruction>";

	public static final String SAMPLES = "File>Open Samples>";

	public static final String NO_IMAGE = "No image is open: open a volume or projections first, for example with " +
		"Plugins > CT Reconstruction > CT Open Volume..., or name an open one with image=[title].";

	public static final String NO_REFERENCE = "No reference volume was given: open one, or name an open image, a file " +
		"or a DICOM folder with reference=[...].";

	public static final String NO_OUTPUT_FOLDER = "No output folder was given: name one with output=[folder].";

	static final String NOT_FOR_DIAGNOSIS = "Not for diagnosis: a learned prior can invent detail that was not there.";

	public static final String CANCELLED = "Cancelled.";

	/** In Fiji's dialogs; those of plain ImageJ have a button of their own. */
	@Parameter(label = "Help", callback = "help", required = false, persist = false)
	private Button help;

	/** In Fiji's dialogs; those of plain ImageJ have a button of their own. */
	@Parameter(label = "Restore Defaults", callback = "restore", required = false, persist = false)
	private Button defaults;

	/** Values of the inputs before the user changed any, by their keys. */
	private final Map<String, Object> initial = new LinkedHashMap<>();

	/** The image input that Fiji had given the active image, which did not suit; null if there is none. */
	private ModuleItem<?> replaced;

	/** The progress of the command that this one is a step of; null while it runs by itself. */
	private Progress whole;

	/** Why the inputs given by a macro cannot be used, or null; told when the command runs, so that the macro stops. */
	private String problem;

	/** Does the work; inputs have been checked against their declared ranges and choices. */
	protected abstract void execute();

	/**
	 * Takes the macro's options, and leaves nothing for a dialog to ask when nobody is there to answer: a macro's left-out
	 * keys have the command's defaults, never those of another run.
	 */
	@Override
	public final void initialize() throws MethodCallException {
		super.initialize();
		for (final ModuleItem<?> item : getInfo().inputs())
			if (item.getType() == ImagePlus.class) propose(item);
		prepare();
		for (final ModuleItem<?> item : Inputs.of(this))
			initial.put(item.getName(), item.getValue(this));
		// Buttons alone are no reason for a dialog.
		if (initial.isEmpty()) for (final String button : List.of("help", "defaults"))
			resolveInput(button);
		if (!MacroOptions.unattended()) return;
		try {
			final Map<String, String> options = MacroOptions.current();
			if (options != null) take(options);
		}
		catch (final InvalidInputException e) {
			problem = e.getMessage();
		}
		for (final ModuleItem<?> item : getInfo().inputs())
			if (!isInputResolved(item.getName())) resolveInput(item.getName());
	}

	/**
	 * Keeps the default where Fiji gives null for a macro's text that it cannot convert: it would go on to the macro's next
	 * line without a word that the command did not run. What is wrong with the text is told as everywhere.
	 */
	@Override
	public final void setInput(final String name, final Object value) {
		final ModuleItem<?> item = getInfo().getInput(name);
		if (value == null && item != null && (item.getType().isPrimitive() || item.getType().isEnum())) return;
		super.setInput(name, value);
	}

	/** Gives an image input its image where none was given, and where Fiji has given it the active one that does not suit. */
	private void propose(final ModuleItem<?> item) {
		final String name = item.getName();
		final ImagePlus given = (ImagePlus) item.getValue(this), proposed = proposed();
		if (empty(given)) {
			setInput(name, proposed);
			return;
		}
		if (proposed == given || !isInputResolved(name) || MacroOptions.unattended() || suits(given)) return;
		setInput(name, proposed);
		// So that the dialog shows which image it is.
		unresolveInput(name);
		replaced = item;
	}

	/** The active image; for a dialog the newest that suits where the active one does not, as after a reconstruction. */
	private ImagePlus proposed() {
		final ImagePlus active = WindowManager.getCurrentImage();
		if (active == null || MacroOptions.unattended() || suits(active)) return active;
		final int[] ids = WindowManager.getIDList();
		return IntStream.range(0, ids.length).mapToObj(i -> WindowManager.getImage(ids[ids.length - 1 - i])).filter(
			image -> image != null && suits(image)).findFirst().orElse(active);
	}

	/** Whether the command can do with an image, which is proposed then. */
	protected boolean suits(final ImagePlus image) {
		return true;
	}

	/** Called by the button. */
	protected final void help() {
		Help.show(this);
	}

	/** Called by the button. */
	protected final void restore() {
		initial.forEach(this::setInput);
		for (final ModuleItem<?> item : Inputs.of(this))
			if (item.getType().isEnum()) FijiDialog.show(this, item);
	}

	/** Fills in choices and defaults that depend on what is open or installed. */
	protected void prepare() { }

	private void take(final Map<String, String> options) {
		final List<ModuleItem<?>> items = Inputs.of(this);
		final Set<String> known = items.stream().map(ModuleItem::getName).collect(Collectors.toSet());
		final Set<String> unknown = new HashSet<>(options.keySet());
		unknown.removeAll(known);
		if (!unknown.isEmpty()) throw new InvalidInputException(title() + " has no key " + String.join(", ", unknown) + (items
			.isEmpty() ? ", nor any other." : ". Its keys: " + items.stream().map(ModuleItem::getName).collect(Collectors.joining(
				", ")) + ". Values with blanks need brackets: key=[a b]."));
		for (final ModuleItem<?> item : items) {
			if (!options.containsKey(item.getName())) continue;
			Inputs.set(this, item, options.get(item.getName()));
			resolveInput(item.getName());
		}
	}

	@Override
	public final void run() {
		try {
			if (problem != null) throw new InvalidInputException(problem);
			// Fiji leaves inputs out that it once gave the active image.
			if (replaced != null && IJ.recording()) Recorder.recordOption(replaced.getName(), Inputs.text(this, replaced));
			perform().values().forEach(this::publish);
		}
		catch (final InvalidInputException e) {
			fail(e.getMessage());
		}
		catch (final CancelledException e) {
			keep();
		}
		catch (final OutOfMemoryError e) {
			fail("Out of memory: Java may use " + (Runtime.getRuntime().maxMemory() >> 20) +
				" MB. Choose a smaller size or fewer views, or allow more in Edit > Options > Memory & Threads.");
		}
		catch (final ThreadDeath e) {
			// ImageJ stops the threads of macros that outlive an Escape by two seconds.
			cancel("");
			throw e;
		}
		catch (final RuntimeException | Error e) {
			fail(Mistake.report(e, IJ::log));
		}
	}

	/** Checks the inputs, does the work, and returns the images that it made, by the names of the outputs. */
	private Map<String, ImagePlus> perform() {
		ImagePlus input = null;
		for (final ModuleItem<?> item : Inputs.of(this)) {
			Inputs.check(item, item.getValue(this));
			if (item.getValue(this) instanceof ImagePlus image) input = image;
		}
		execute();
		for (final ImagePlus image : images().values())
			Provenance.note(image, input, line());
		return images();
	}

	/** The images that it made, by the names of the outputs. */
	final Map<String, ImagePlus> images() {
		final Map<String, ImagePlus> images = new LinkedHashMap<>();
		for (final ModuleItem<?> item : getInfo().outputs())
			if (item.getValue(this) instanceof ImagePlus image) images.put(item.getName(), image);
		return images;
	}

	/** The line of a macro that runs this with the same inputs, its images aside. */
	final String line() {
		return MacroText.run(getInfo().getMenuPath().getLeaf().getName(), options());
	}

	/** What a macro gives the present values of all inputs but images by. */
	final Map<String, String> options() {
		final Map<String, String> options = Inputs.texts(this);
		for (final ModuleItem<?> item : Inputs.of(this))
			if (item.getType() == ImagePlus.class) options.remove(item.getName());
		return options;
	}

	/**
	 * Another command as a step of this one.
	 *
	 * @param options values of its inputs but images; those left out have the command's defaults
	 * @throws InvalidInputException if a key is unknown or a value not allowed
	 */
	final <C extends CtCommand> C step(final Class<C> type, final Map<String, String> options) {
		final CtCommand command;
		try {
			command = (CtCommand) context().service(CommandService.class).getCommand(type).createModule();
		}
		catch (final ModuleException e) {
			throw new IllegalStateException(e);
		}
		context().inject(command);
		command.take(options);
		return type.cast(command);
	}

	/**
	 * Runs the command as a step of another, which shows its images or does not, and tells of its failures.
	 *
	 * @param image its input; null if it has none
	 * @return the images that it made, by the names of the outputs
	 */
	final Map<String, ImagePlus> perform(final ImagePlus image, final Progress progress) {
		for (final ModuleItem<?> item : Inputs.of(this))
			if (item.getType() == ImagePlus.class) setInput(item.getName(), image);
		whole = progress;
		return perform();
	}

	/** Tells that the run was cancelled, and of the images that it leaves, which SciJava would drop. */
	private void keep() {
		final Collection<ImagePlus> images = images().values();
		fail(images.isEmpty() ? CANCELLED : CANCELLED + " Kept: " + images.stream().map(image -> "\"" + image.getTitle() + "\"")
			.collect(Collectors.joining(", ")) + ".");
		// Stopping a macro has ended its batch mode and with it what had been shown before.
		for (final ImagePlus image : images) {
			publish(image);
			if (!GraphicsEnvironment.isHeadless()) image.show();
		}
	}

	private void publish(final ImagePlus image) {
		// The first and last slices are as a rule empty.
		image.setSlice((image.getStackSize() + 1) / 2);
		// ImageJ cannot show it without a display; this is what lets the macro select it.
		if (GraphicsEnvironment.isHeadless()) Interpreter.addBatchModeImage(image);
		else if (!Interpreter.isBatchMode()) return;
		// An image that the macro has selected stays the active one of its thread, in Fiji another than this, which goes on to
		// other work and must not keep the image.
		final List<Thread> callers = callers();
		(callers.isEmpty() ? List.of(Thread.currentThread()) : callers).forEach(thread -> WindowManager.setTempCurrentImage(
			thread, image));
	}

	/** The threads that wait for this one: in Fiji that of the macro is among them, in plain ImageJ it is this one. */
	private List<Thread> callers() {
		final ThreadService threads = context().service(ThreadService.class);
		// SciJava may name a thread as its own parent.
		return Stream.iterate(threads.getParent(null), Objects::nonNull, threads::getParent).takeWhile(new HashSet<>()::add)
			.toList();
	}

	/** Runs work that reports its progress, and clears the progress bar after it. */
	protected final void withProgress(final Consumer<Progress> work) {
		if (whole != null) {
			work.accept(whole);
			return;
		}
		final TaskProgress progress = new TaskProgress(title(), this::isCanceled);
		try {
			work.accept(progress);
		}
		finally {
			progress.close();
		}
	}

	/** The command's label without its dots. */
	protected final String title() {
		return getInfo().getMenuPath().getLeaf().getName().replace("...", "");
	}

	/** @throws InvalidInputException if there is no image */
	protected static ImagePlus require(final ImagePlus image) {
		if (empty(image)) throw new InvalidInputException(NO_IMAGE);
		return image;
	}

	/**
	 * The volume of an open image with this title, or of a file or DICOM folder with this path.
	 *
	 * @throws InvalidInputException if there is neither
	 */
	protected final Volume reference(final File titleOrPath, final Progress progress) {
		if (titleOrPath == null) throw new InvalidInputException(NO_REFERENCE);
		final ImagePlus open = WindowManager.getImage(titleOrPath.getPath());
		if (open != null) return Images.toVolume(open, IJ::log);
		return VolumeOpener.open(titleOrPath.toPath(), null, context(), progress, IJ::log);
	}

	/** The reference that was given, else the title of the active image, else null. */
	protected static File orActiveImage(final File titleOrPath) {
		final ImagePlus active = WindowManager.getCurrentImage();
		return titleOrPath == null && active != null ? new File(active.getTitle()) : titleOrPath;
	}

	/** The title or path that was given, else to propose in a dialog the title of an open image beside another one. */
	protected static File orOtherImage(final File titleOrPath, final ImagePlus other, final Predicate<String> suits) {
		if (titleOrPath != null || MacroOptions.unattended()) return titleOrPath;
		return Stream.of(WindowManager.getImageTitles()).filter(title -> other != null && !title.equals(other.getTitle()) &&
			suits.test(title)).map(File::new).findFirst().orElse(null);
	}

	/** The folder that was given, else one of this name in the user's home to propose in a dialog; null in macros. */
	protected static File orHomeFolder(final File folder, final String name) {
		return folder == null && !MacroOptions.unattended() ? new File(System.getProperty("user.home"), name) : folder;
	}

	/** SciJava hands over an image without pixels where none was given. */
	private static boolean empty(final ImagePlus image) {
		return image == null || image.getProcessor() == null;
	}

	/** Tells the user, stops the macro with its line number, and keeps outputs from being shown. */
	private void fail(final String message) {
		// SciJava shows a reason in a window of its own; with a display, ImageJ's below is enough.
		cancel(GraphicsEnvironment.isHeadless() ? message : "");
		// While a thread or one that waits for it has macro options, ImageJ takes its error dialog for one of the macro's
		// and does not show it. In Fiji the macro waits on another thread than this.
		Macro.setOptions(Thread.currentThread(), null);
		callers().forEach(thread -> Macro.setOptions(thread, null));
		try {
			IJ.error(title(), GraphicsEnvironment.isHeadless() ? message : Messages.wrapped(message));
		}
		catch (final RuntimeException e) {
			// ImageJ's way to unwind the interpreter; the caller's macro has been told already.
			if (!Macro.MACRO_CANCELED.equals(e.getMessage())) throw e;
		}
	}
}
