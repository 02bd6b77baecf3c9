// Imports a measured scan and reconstructs it by filtered back-projection, in cone beam after Feldkamp.
//
// Argument: first the path of the scan, a TIFF stack, a folder of TIFF files, an HDF5 or a MATLAB file, in brackets if it
// holds blanks (asked for if left out), then any keys of CT Import Projections..., such as
//   flats=FILE.tif    images without object; darks=FILE.tif those without beam; angles=FILE.txt one number a view
//   rings=21          ring removal, 0 for none
//   preview=true      also opens "Axis of SCAN", slices for positions of the axis around the one that is used
//   method=Given centre=295.5    the axis of rotation, where it is not found
//   beam=Fan pixel=0.2 sourceaxis=410 sourcedetector=554 reverse=true    a scanner with a fan that turns clockwise
// and
//   output=FILE.tif   where to save the result, in brackets if it holds blanks
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Import_Projections.ijm '/data/tooth.h5 rings=21 output=tooth.tif'"

path = firstPath();
keys = substring(String.trim(getArgument()), lengthOf(path));
if (startsWith(String.trim(getArgument()), "["))
	keys = substring(String.trim(getArgument()), lengthOf(path) + 2);
if (path == "") {
	if (call("java.awt.GraphicsEnvironment.isHeadless") == "true")
		exit("No scan was given: begin the argument with its path.");
	path = File.openDialog("Scan");
}
run("CT Import Projections...", "path=[" + path + "] " + without(keys, "output"));
print(newest());
run("CT FBP...", "image=[" + getTitle() + "]");
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

// Keys and values but for one key.
function without(keys, key) {
	keys = " " + keys + " ";
	start = indexOf(keys, " " + key + "=");
	if (start < 0)
		return keys;
	from = start + lengthOf(key) + 2;
	end = indexOf(keys, " ", from);
	if (substring(keys, from, from + 1) == "[")
		end = indexOf(keys, "]", from) + 1;
	return substring(keys, 0, start) + substring(keys, end);
}
