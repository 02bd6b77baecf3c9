package org.patchct.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes DICOM files element by element from the format's definition, PS3.5 and PS3.10. */
public final class DicomBytes {

	public static final String IMPLICIT = "1.2.840.10008.1.2", EXPLICIT = IMPLICIT + ".1", BIG = IMPLICIT + ".2";

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final String syntax;

	public DicomBytes(final String syntax) {
		this.syntax = syntax;
		out.writeBytes(new byte[128]);
		out.writeBytes("DICM".getBytes(StandardCharsets.ISO_8859_1));
		element(0x00020010, "UI", padded(syntax, '\0'), ByteOrder.LITTLE_ENDIAN, true);
	}

	/** A file without preamble and group 2. */
	public static DicomBytes bare() {
		final DicomBytes bare = new DicomBytes(IMPLICIT);
		bare.out.reset();
		return bare;
	}

	public DicomBytes text(final int tag, final String vr, final String value) {
		return element(tag, vr, padded(value, vr.equals("UI") ? '\0' : ' '), order(), explicit());
	}

	public DicomBytes number(final int tag, final int value) {
		return element(tag, "US", ByteBuffer.allocate(2).order(order()).putShort((short) value).array(), order(),
			explicit());
	}

	/** A sequence of undefined length with one item that holds a nested sequence and a tag of the given value. */
	public DicomBytes sequence(final int tag, final int innerTag, final String vr, final String value) {
		header(tag, "SQ", 0xFFFFFFFF, order(), explicit());
		marker(0xFFFEE000, 0xFFFFFFFF);
		header(0x00081140, "SQ", 0xFFFFFFFF, order(), explicit());
		marker(0xFFFEE000, 8);
		marker(0x7FE00010, 0); // eight bytes that look like voxels
		marker(0xFFFEE0DD, 0);
		text(innerTag, vr, value);
		marker(0xFFFEE00D, 0);
		marker(0xFFFEE0DD, 0);
		return this;
	}

	/** A sequence of defined length whose item holds a tag of the given value. */
	public DicomBytes definedSequence(final int tag, final int innerTag, final String vr, final String value) {
		final DicomBytes inner = new DicomBytes(syntax);
		inner.out.reset();
		inner.text(innerTag, vr, value);
		final byte[] content = inner.out.toByteArray();
		header(tag, "SQ", content.length + 8, order(), explicit());
		marker(0xFFFEE000, content.length);
		out.writeBytes(content);
		return this;
	}

	public DicomBytes pixels(final int bits, final int... values) {
		final ByteBuffer data = ByteBuffer.allocate(values.length * bits / 8).order(order());
		for (final int value : values) {
			if (bits == 8) data.put((byte) value);
			else if (bits == 16) data.putShort((short) value);
			else data.putInt(value);
		}
		return element(0x7FE00010, "OW", data.array(), order(), explicit());
	}

	public byte[] bytes() {
		return out.toByteArray();
	}

	private ByteOrder order() {
		return syntax.equals(BIG) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
	}

	private boolean explicit() {
		return !syntax.equals(IMPLICIT);
	}

	private static byte[] padded(final String value, final char pad) {
		return (value.length() % 2 == 0 ? value : value + pad).getBytes(StandardCharsets.ISO_8859_1);
	}

	private void marker(final int tag, final int length) {
		out.writeBytes(ByteBuffer.allocate(8).order(order()).putShort((short) (tag >>> 16)).putShort((short) tag).putInt(
			length).array());
	}

	private void header(final int tag, final String vr, final int length, final ByteOrder order,
		final boolean explicit)
	{
		final ByteBuffer header = ByteBuffer.allocate(12).order(order).putShort((short) (tag >>> 16)).putShort((short) tag);
		if (!explicit) header.putInt(length);
		else {
			header.put(vr.getBytes(StandardCharsets.ISO_8859_1));
			if (vr.equals("OW") || vr.equals("SQ")) header.putShort((short) 0).putInt(length);
			else header.putShort((short) length);
		}
		out.write(header.array(), 0, header.position());
	}

	private DicomBytes element(final int tag, final String vr, final byte[] value, final ByteOrder order,
		final boolean explicit)
	{
		header(tag, vr, value.length, order, explicit);
		out.writeBytes(value);
		return this;
	}
}
