/** The 3-D U-Net as a DJL block, and the prior: its weights with everything needed to use them, in one file. */
package org.patchct.network;
