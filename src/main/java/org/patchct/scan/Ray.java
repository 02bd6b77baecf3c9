package org.patchct.scan;

/**
 * A straight line through the world: the point (x, y, z), mm, and the unit vector (dx, dy, dz) in which radiation
 * travels.
 */
public record Ray(double x, double y, double z, double dx, double dy, double dz) { }
