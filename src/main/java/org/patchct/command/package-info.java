/** The menu: one short class for each command, which reads its inputs, makes one call and shows the result. */
package org.patchct.command;
