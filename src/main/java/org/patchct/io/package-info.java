/** File formats that ImageJ has no reader for. */
package org.patchct.io;
