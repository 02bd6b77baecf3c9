package org.patchct.command;

import ij.IJ;
import ij.ImageJ;
import org.scijava.command.Command;
import org.scijava.plugin.Plugin;
import org.scijava.plugin.Parameter;

@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT System Info", description = "Logs versions, memory and devices.")
public class SystemInfoCommand extends CtCommand {

	@Parameter(label = "Number of views", min = "1", max = "100000", persist = false)
	private int views = 3;
	@Override
	protected void execute() {
		IJ.log("views " + views + " " + ImageJ.VERSION);
	}
}
