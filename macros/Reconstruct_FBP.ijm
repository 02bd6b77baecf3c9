// Scans a volume in parallel beam and reconstructs it by filtered back-projection.
//
// Argument, all of it optional: first the path of a volume or DICOM folder, in brackets if it holds blanks, then
//   views=60          number of views
//   size=0            voxels along the longest side, 0 as is
//   noise=0           photons per detector bin, 0 for no noise
//   window=Ram-Lak    Ram-Lak, Shepp-Logan, Cosine, Hamming or Hann
//   output=FILE.tif   where to save the result, in brackets if it holds blanks
// Without a path the active image is used, or a random thorax if none is open.
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Reconstruct_FBP.ijm '/data/liver.nii.gz views=60 size=128'"

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
run("CT Simulate Projections...", "image=[" + volume + "] views=" + value("views", "60") +
	" size=" + value("size", "0") + " noise=" + value("noise", "0"));
run("CT FBP...", "image=[" + newest() + "] window=[" + value("window", "Ram-Lak") + "]");
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
