/** File formats for which ImageJ has no reader, or none that can be relied on. */
package org.patchct.io;
