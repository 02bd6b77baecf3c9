// Compares reconstruction methods on simulated scans of one volume: prints a table, and writes it with a figure and the
// volumes. Benchmark_Methods.ijm does so for several.
//
// Argument, all of it optional: first the path of a volume or DICOM folder, in brackets if it holds blanks, then any
// keys of CT Compare Methods..., such as
//   views=8,20,60     numbers of views
//   size=128          voxels along the longest side, 0 as is
//   limited=90,120    limited angles in degrees, a view every degree
//   methods=[FBP, SIRT iterations=50, Patch diffusion]   names, with settings if the defaults are not meant
//   noise=0           photons per detector bin, 0 for no noise
//   prior=FILE        a .safetensors file written by CT Train Prior..., the bundled prior if left out
//   output=[FOLDER]   where to write; a folder for temporary files if left out
// Without a path a random thorax of 64 voxels a side is scanned.
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Compare_Methods.ijm"
//   mvn -q compile exec:java \
//     -Dexec.args="--macro macros/Compare_Methods.ijm '/data/liver.nii.gz views=8,20,60 size=128'"

argument = String.trim(getArgument());
path = firstPath();
keys = argument;
if (startsWith(argument, "["))
	keys = substring(argument, indexOf(argument, "]") + 1);
else if (path != "")
	keys = substring(argument, lengthOf(path));
defaults = " output=[" + getDirectory("temp") + "ct-comparison]";
if (path == "") {
	run("CT Phantom...", "phantom=Thorax size=128 seed=1");
	path = newest();
	// As sparse for 64 voxels a side as 20 and 60 views are for 256, and a low dose.
	defaults += " size=64 views=5,15 noise=1e5";
}
// The first of several values for a key counts, so the argument's go before the defaults.
run("CT Compare Methods...", "reference=[" + path + "] " + keys + defaults);

// Makes the image that was opened last the active one, and returns its title.
function newest() {
	selectImage(nImages);
	return getTitle();
}

// The path that the argument begins with, or "".
function firstPath() {
	argument = String.trim(getArgument()) + " ";
	if (startsWith(argument, "["))
		return substring(argument, 1, indexOf(argument, "]"));
	first = substring(argument, 0, indexOf(argument, " "));
	if (indexOf(first, "=") > 0)
		return "";
	return first;
}
