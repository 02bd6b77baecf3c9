/** Forward projection and its exact adjoint: one class for each geometry and device. */
package org.patchct.projector;
