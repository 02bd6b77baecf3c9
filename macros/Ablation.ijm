// Varies one setting of a method over some volumes and compares the results: summary.md and summary.csv hold a line for
// each value, results.csv one for each volume. Goes on where it stopped, as Benchmark_Methods.ijm does.
//
// Argument:
//   vary=passes       the setting
//   values=1,2,3,4    its values; by these defaults the paper's table 5
//   method=[Patch diffusion]   any that is installed
//   fixed=[preset=Paper]       its other settings, such as fixed=[steps=50 passes=2], if not its defaults
//   input=[FOLDER]    a folder of volumes, or files separated by semicolons; asked for if left out
//   output=[FOLDER]   where to write, made if missing; asked for if left out
// and any keys of CT Compare Methods... but methods, such as views=8,20 size=128 noise=0 seed=0 device=auto. Some ablations:
//   vary=passes values=1,2,3,4 fixed=[preset=Paper] views=8               K, table 5 of the paper
//   vary=steps values=25,50,100,200,400 fixed=[preset=Paper] views=20     PSNR against steps, figure 5
//   vary=margin values=0,8                                                the prior's own patches, and blocks with a margin
//   vary=global values=true,false fixed=[margin=0]                        with and without the global channel
//   vary=prior values=/data/p16.safetensors,/data/p32.safetensors         patch sizes, one prior each
//   method=SIRT vary=iterations values=20,50,100,200
//
//   mvn -q compile exec:java -Dexec.args="--macro macros/Ablation.ijm 'vary=steps values=8,16,30 input=/data/tuning output=/data/steps'"

input = path("input", "Folder of volumes");
output = path("output", "Folder for the results");
vary = value("vary", "passes");
values = split(value("values", "1,2,3,4"), ",");
variants = "";
for (i = 0; i < values.length; i++)
	variants = variants + value("method", "Patch diffusion") + " " + value("fixed", "") + " " + vary + "=" + values[i] + ", ";
keys = getArgument();
own = newArray("input", "output", "vary", "values", "method", "fixed");
for (i = 0; i < own.length; i++)
	keys = without(keys, own[i]);
run("CT Compare Methods...", "methods=[" + variants + "] reference=[" + input + "] output=[" + output + "] " + keys);

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
