// Reconstructs every file of a folder: projections as they are, volumes after scanning them.
// Finished files are skipped, so that an interrupted batch can be started again; bad files are named at the end.
//
// Argument:
//   input=[FOLDER]    what to read; asked for if left out
//   output=[FOLDER]   where to write NAME_METHOD.tif, made if missing; asked for if left out
//   method=FBP        FBP, SIRT, ADMM-TV or [Patch diffusion]
//   options=[]        keys of the method's command, such as [iterations=50]
//   scan=[views=60]   keys of CT Simulate Projections..., for volumes
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Batch_Folder.ijm 'input=/data/scans output=/data/out'"

input = folder("input", "Folder of scans");
output = folder("output", "Folder for the results");
method = value("method", "FBP");
if (method == "Patch diffusion")
	command = "CT Patch Diffusion...";
else
	command = "CT " + method + "...";
if (!File.isDirectory(input))
	exit("There is no folder \"" + input + "\": give one with input=[folder].");
if (!File.isDirectory(output))
	File.makeDirectory(output);
if (!File.isDirectory(output))
	exit("The folder \"" + output + "\" cannot be made: give one with output=[folder] in which you may write.");
files = getFileList(input);
Array.sort(files);
unfinished = output + "unfinished.tif";
opened = nImages;
done = 0;
skipped = 0;
failed = "";
for (i = 0; i < files.length; i++) {
	if (startsWith(files[i], ".") || endsWith(files[i], "/"))
		continue;
	target = output + replace(files[i], "(\\.nii)?\\.[^.]+$", "") + "_" + method + ".tif";
	if (File.exists(target)) {
		skipped++;
		continue;
	}
	print("File " + (i + 1) + " of " + files.length + ": " + files[i]);
	// A macro of its own, so that a bad file does not stop the others.
	opening = "run('CT Open Volume...', 'path=[" + input + files[i] + "]');";
	if (endsWith(toLowerCase(files[i]), ".tif"))
		opening = "open('" + input + files[i] + "');";
	result = eval(opening + "selectImage(nImages);" +
		"if (indexOf(getMetadata('Info'), 'PatchCT-geometry') < 0) {" +
		"	run('CT Simulate Projections...', 'image=[' + getTitle() + '] " + value("scan", "views=60") + "');" +
		"	selectImage(nImages);" +
		"}" +
		"run('" + command + "', 'image=[' + getTitle() + '] " + value("options", "") + "');" +
		"selectImage(nImages);" +
		"saveAs('Tiff', '" + unfinished + "');" +
		"return 'done';");
	// Renamed when whole, so that an interrupted batch does not take a part of a file for a result.
	if (result == "done" && !File.rename(unfinished, target))
		result = "";
	if (result == "done")
		done++;
	else
		failed += "\n  " + files[i];
	while (nImages > opened) {
		selectImage(nImages);
		close();
	}
}
print(done + " reconstructed, " + skipped + " skipped because they were finished");
if (failed != "")
	exit("These files failed:" + failed);

// A folder from the argument, or asked for, with / at its end.
function folder(key, title) {
	path = value(key, "");
	if (path == "") {
		if (call("java.awt.GraphicsEnvironment.isHeadless") == "true")
			exit("No folder was given: add " + key + "=[folder] to the argument.");
		path = getDirectory(title);
	}
	path = replace(path, "\\\\", "/");
	if (!endsWith(path, "/"))
		path += "/";
	return path;
}

// The value of key=value or key=[value] in the argument.
function value(key, otherwise) {
	argument = " " + getArgument() + " ";
	start = indexOf(argument, " " + key + "=");
	if (start < 0)
		return otherwise;
	rest = substring(argument, start + lengthOf(key) + 2);
	if (startsWith(rest, "["))
		return substring(rest, 1, indexOf(rest, "]"));
	return substring(rest, 0, indexOf(rest, " "));
}
