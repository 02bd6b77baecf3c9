// Compares reconstruction methods over several volumes: one table of means and standard deviations (summary.md,
// summary.csv), every score (results.csv), and for each volume a folder with its table, figure and results.
// An interrupted benchmark goes on where it stopped when it is started again with the same argument; what was made with
// other settings is made anew. Bad volumes and methods that fail are left out, and named at the end.
//
// Argument:
//   input=[FOLDER]    a folder of volumes (NIfTI, TIFF, folders of DICOM slices), or files separated by semicolons; asked
//                     for if left out
//   output=[FOLDER]   where to write, made if missing; asked for if left out
// and any keys of CT Compare Methods..., such as
//   methods=all       names separated by commas, with settings of their own if some follow the name:
//                     methods=[FBP, SIRT iterations=50, Patch diffusion preset=Paper prior=/data/mine.safetensors]
//   views=4,10,30     numbers of views, spread over range=180 degrees
//   limited=90,120    limited angles in degrees, a view every degree; limited=[] for none
//   size=128          voxels along the longest side; as sparse as 8,20,60 views are for 256
//   noise=100000      photons per detector bin, 0 for no noise
//   seed=0            of all random numbers
//   device=auto       auto, cpu or cuda:N
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Benchmark_Methods.ijm 'input=/data/test output=/data/table'"

input = path("input", "Folder of volumes");
output = path("output", "Folder for the results");
// The first of several values for a key counts, so the argument's go before the defaults.
run("CT Compare Methods...", "reference=[" + input + "] output=[" + output + "] " + without(without(getArgument(), "input"),
	"output") + " methods=all views=4,10,30 limited=90,120 size=128 noise=100000");

// A path from the argument, or asked for.
function path(key, title) {
	chosen = value(key, "");
	if (chosen == "") {
		if (call("java.awt.GraphicsEnvironment.isHeadless") == "true")
			exit("Nothing was given for " + key + ": add " + key + "=[folder] to the argument.");
		chosen = getDirectory(title);
	}
	return chosen;
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
