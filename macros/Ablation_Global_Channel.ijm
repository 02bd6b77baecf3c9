// Draws volumes from a prior with and without its global channel, and writes how far each are from the training volumes
// (global_channel.csv: sliced Wasserstein distances at levels from fine to coarse, less is better) with the volumes. The
// paper compares the same by FID. Not for diagnosis: the volumes show nobody's anatomy.
//
// Argument:
//   training=[FOLDER] the volumes that the prior was trained on; asked for if left out
//   output=[FOLDER]   where to write, made if missing; asked for if left out
// and any keys of CT Sample Prior... but global, such as
//   prior=FILE        a .safetensors file, or the name of a bundled prior; body-ct if left out
//   size=64 steps=200 count=1 seed=0 device=auto
//
//   mvn -q compile exec:java \
//     -Dexec.args="--macro macros/Ablation_Global_Channel.ijm 'training=/data/train output=/data/global count=8'"

training = path("training", "Folder of training volumes");
output = path("output", "Folder for the results");
if (!endsWith(output, "/"))
	output += "/";
if (!File.isDirectory(output))
	File.makeDirectory(output);
if (!File.isDirectory(output))
	exit("The folder \"" + output + "\" cannot be made: give one with output=[folder] in which you may write.");
table = "global,level,distance\n";
choices = newArray("true", "false");
for (i = 0; i < 2; i++) {
	run("CT Sample Prior...", "training=[" + training + "] global=" + choices[i] + " " + without(without(getArgument(),
		"training"), "output"));
	selectImage(nImages);
	found = split(distances(getMetadata("Info")), ",");
	for (level = 0; level < found.length; level++)
		table += choices[i] + "," + level + "," + String.trim(found[level]) + "\n";
	saveAs("Tiff", output + "global_" + choices[i] + ".tif");
	close();
}
File.saveString(table, output + "global_channel.csv");
print(table);

// "0.12, 0.23", from fine to coarse
function distances(info) {
	title = "Sliced Wasserstein distance of samples and training volumes: ";
	rest = substring(info, indexOf(info, title) + lengthOf(title));
	return replace(substring(rest, 0, indexOf(rest, "\n")), " from fine to coarse", "");
}

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
