// Reconstructs every file of a folder: projections as they are, volumes after scanning them.
// Finished files are skipped, so that an interrupted batch can be started again; bad files are named at the end.
//
// Argument: the keys of CT Batch Reconstruct...
//   input=[FOLDER]    what to read; asked for if left out
//   output=[FOLDER]   where to write NAME_METHOD.tif, made if missing; asked for if left out
//   method=FBP        FBP, SIRT, ADMM-TV, [Patch diffusion] or any other installed method
//   options=[]        keys of the method's command, such as [iterations=50]
//   scan=[views=60]   keys of CT Simulate Projections..., for volumes
//   part=1/1          3/10 for the third of ten parts, where several computers share the work
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Batch_Folder.ijm 'input=/data/scans output=/data/out'"

run("CT Batch Reconstruct...", getArgument() + folder("input", "Folder of scans") + folder("output",
	"Folder for the results"));

// A folder that the argument lacks, where there is somebody to ask; else the command says that it is missing.
function folder(key, title) {
	if (indexOf(" " + getArgument(), " " + key + "=") >= 0 || call("java.awt.GraphicsEnvironment.isHeadless") == "true")
		return "";
	return " " + key + "=[" + getDirectory(title) + "]";
}
