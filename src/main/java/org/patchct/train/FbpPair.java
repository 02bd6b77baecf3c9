package org.patchct.train;

import org.patchct.volume.Volume;

/**
 * A volume and the filtered back-projection of a scan of it, on the same grid.
 *
 * @param truth the volume
 * @param fbp what the scan shows of it
 */
public record FbpPair(Volume truth, Volume fbp) { }
