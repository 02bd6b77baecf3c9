// Scans a volume in parallel beam and reconstructs it from few views with a learned 3-D prior.
// Not for diagnosis: a learned prior can invent detail that was not there.
//
// Argument, all of it optional: first the path of a volume or DICOM folder, in brackets if it holds blanks, then
//   views=20          number of views
//   size=64           voxels along the longest side, 0 as is
//   noise=0           photons per detector bin, 0 for no noise
//   preset=Fast       Fast, Quality or Paper
//   steps=0           sampling steps, 0 for the preset's
//   prior=FILE        a .safetensors file written by CT Train Prior..., or the name of a bundled prior; the bundled one
//                     that suits the values if left out
//   seed=0            of the random numbers
//   device=auto       auto, cpu or cuda:N
//   output=FILE.tif   where to save the result, in brackets if it holds blanks
// Without a path the active image is used, or a random thorax if none is open.
//
//   mvn -q compile exec:java \
//     -Dexec.args="--macro macros/Reconstruct_Patch_Diffusion.ijm '/data/liver.nii.gz views=20 size=128'"

path = firstPath();
if (path != "") {
	run("CT Open Volume...", "path=[" + path + "]");
	volume = newest();
}
else if (nImages == 0) {
	run("CT Phantom...", "phantom=Thorax size=64 seed=1");
	volume = newest();
}
else
	volume = getTitle();
run("CT Simulate Projections...", "image=[" + volume + "] views=" + value("views", "20") +
	" size=" + value("size", "64") + " oversample=2 noise=" + value("noise", "0"));
run("CT Patch Diffusion...", "image=[" + newest() + "] preset=" + value("preset", "Fast") +
	" steps=" + value("steps", "0") + " prior=[" + value("prior", "") + "] seed=" + value("seed", "0") +
	" device=" + value("device", "auto"));
print(newest());
output = value("output", "");
if (output != "") {
	saveAs("Tiff", output);
	print("Saved as " + output);
}

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
