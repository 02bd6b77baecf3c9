/** The edge to ImageJ: images, files, menus, dialogs, macros, progress, and the launcher. */
package org.patchct.imagej;
