#@ CommandService commands
#@ ModuleService modules
#@ Integer (label = "Size (voxels)", value = 64, min = 8, max = 1024, persist = false) size
#@ String (label = "Numbers of views", value = "60,20,8", persist = false) views
#@output String table

// Scans a phantom from fewer and fewer views, reconstructs it with two methods, and tabulates the root mean square
// error of each, in Hounsfield units. Commands are run without dialogs: inputs left out have their defaults.

import org.patchct.command.AdmmTvCommand
import org.patchct.command.FbpCommand
import org.patchct.command.PhantomCommand
import org.patchct.command.SimulateCommand

// The result of a command, by its class; the reason if it failed.
def run(commands, modules, command, Object... inputs) {
	def module = modules.run(commands.getCommand(command), false, inputs).get()
	if (module.isCanceled()) throw new IllegalStateException(module.getCancelReason())
	return module.getOutput("result")
}

def error(image, truth) {
	double sum = 0
	long n = 0
	for (int k = 1; k <= truth.getStackSize(); k++) {
		float[] a = image.getStack().getPixels(k), b = truth.getStack().getPixels(k)
		for (int i = 0; i < a.length; i++)
			sum += (a[i] - b[i]) * (a[i] - b[i])
		n += a.length
	}
	return Math.sqrt(sum / n)
}

def truth = run(commands, modules, PhantomCommand, "size", size)
table = "views,FBP,ADMM-TV\n"
for (n in views.split(",")) {
	def scan = run(commands, modules, SimulateCommand, "image", truth, "views", n.trim() as int, "noise", 1e5d)
	def fbp = run(commands, modules, FbpCommand, "image", scan)
	def tv = run(commands, modules, AdmmTvCommand, "image", scan)
	table += String.format("%s,%.1f,%.1f\n", n.trim(), error(fbp, truth), error(tv, truth))
}
println table
