package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import com.google.gson.JsonObject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.task.InvalidInputException;

class PriorTest {

	private static final PriorSettings SETTINGS = PriorSettings.hounsfield("tiny", UNet3dTest.TINY, Prediction.V);

	@TempDir
	Path folder;

	private Path file;

	@BeforeEach
	void saveOne() {
		file = folder.resolve("tiny.safetensors");
		try (Prior prior = Prior.create(SETTINGS, "cpu", 1)) {
			prior.save(file);
		}
	}

	@Test
	void savedPriorPredictsTheSame() {
		try (Prior a = Prior.create(SETTINGS, "cpu", 1); Prior b = Prior.open(file, "cpu")) {
			assertEquals(SETTINGS, b.settings());
			assertArrayEquals(predict(a), predict(b));
		}
	}

	private static float[] predict(final Prior prior) {
		try (NDManager manager = prior.manager().newSubManager()) {
			return prior.predict(manager.ones(new Shape(1, 5, 8, 8, 8)), manager.create(new float[] { 30 })).toFloatArray();
		}
	}

	@Test
	void settingsSurviveJson() {
		final JsonObject record = new JsonObject();
		record.addProperty("seed", 7);
		final PriorSettings settings = SETTINGS.withRecord(record);
		assertEquals(settings, PriorSettings.fromJson(settings.toJson()));
	}

	@Test
	void windowAndNetworkValuesAreInverse() {
		assertEquals(-1, SETTINGS.toNetwork(0));
		assertEquals(1, SETTINGS.toNetwork(1));
		assertEquals(0.3f, SETTINGS.fromNetwork(SETTINGS.toNetwork(0.3f)), 1e-6f);
	}

	@Test
	void missingFileIsRefused() {
		refused(folder.resolve("none.safetensors"), "There is no file", "none.safetensors");
	}

	@Test
	void truncatedFileIsRefused() throws IOException {
		Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 100));
		refused(file, "is damaged", "cut off");
	}

	@Test
	void anotherKindOfFileIsRefused() throws IOException {
		Files.writeString(file, "This is a text file and by no means a prior.");
		refused(file, "is not a safetensors file");
	}

	@Test
	void weightsWithoutRecordAreRefusedUnlessItLiesBeside() throws IOException {
		final List<SafeTensors.Source> weights;
		try (Prior prior = Prior.open(file, "cpu")) {
			weights = keep(prior.network().sources());
		}
		SafeTensors.write(file, Map.of(), weights);
		refused(file, "has no PatchCT record", "tiny.json");
		Files.writeString(folder.resolve("tiny.json"), SETTINGS.toJson());
		try (Prior prior = Prior.open(file, "cpu")) {
			assertEquals(SETTINGS, prior.settings());
		}
	}

	@Test
	void anotherArchitectureIsRefusedByTensorName() {
		final List<SafeTensors.Source> weights;
		try (Prior prior = Prior.open(file, "cpu")) {
			weights = keep(prior.network().sources());
		}
		final List<SafeTensors.Source> less = new ArrayList<>(weights);
		less.removeIf(w -> w.name().equals("conv_in.weight"));
		Prior.save(file, SETTINGS, less);
		refused(file, "conv_in.weight is missing");
		final List<SafeTensors.Source> more = new ArrayList<>(weights);
		more.add(new SafeTensors.Source("extra.weight", new long[] { 1 }, () -> new float[1]));
		Prior.save(file, SETTINGS, more);
		refused(file, "extra.weight is not part of it");
		final List<SafeTensors.Source> other = new ArrayList<>(weights);
		other.replaceAll(w -> w.name().equals("conv_in.bias") ? new SafeTensors.Source(w.name(), new long[] { 2, 4 }, w
			.values()) : w);
		Prior.save(file, SETTINGS, other);
		refused(file, "conv_in.bias has the shape [2, 4] instead of [8]");
	}

	@Test
	void changedWeightsFailTheChecksum() throws IOException {
		final byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length - 2] ^= 1;
		Files.write(file, bytes);
		refused(file, "fails its checksum");
	}

	@Test
	void damagedRecordsAreRefusedWithTheReason() {
		for (final String[] change : new String[][] { { "\"V\"", "\"SCORE\"", "prediction" }, { "patchct-prior", "thing",
			"not that of a prior" }, { "\"version\": 1", "\"version\": 99", "version 99" }, { "\"width\"", "\"breadth\"",
				"no \"width\"" }, { "\"globalChannel\": true", "\"globalChannel\": false", "need 4 in" } })
		{
			final String json = SETTINGS.toJson();
			final String changed = json.replace(change[0], change[1]);
			assertTrue(!json.equals(changed), change[0]);
			final String message = assertThrows(InvalidInputException.class, () -> PriorSettings.fromJson(changed))
				.getMessage();
			assertTrue(message.contains(change[2]), message);
		}
		assertThrows(InvalidInputException.class, () -> PriorSettings.fromJson("{"));
		assertThrows(InvalidInputException.class, () -> PriorSettings.fromJson("[]"));
	}

	@Test
	void unknownBundledPriorIsRefusedWithTheChoice() {
		for (final String name : List.of("no-such", "../body-ct", "")) {
			final String message = assertThrows(InvalidInputException.class, () -> Prior.bundled(name, "cpu")).getMessage();
			assertTrue(message.contains("body-ct"), message);
		}
	}

	@Test
	void devicesThatAreNotThereAreRefused() {
		for (final String device : List.of("cuda:99", "gpu", "cuda:-1", "")) {
			final String message = assertThrows(InvalidInputException.class, () -> Prior.open(file, device)).getMessage();
			assertTrue(message.contains("cpu"), message);
		}
	}

	@Test
	void deviceIsReported() {
		try (Prior prior = Prior.open(file, "cpu")) {
			assertEquals("cpu (chosen)", prior.device());
		}
	}

	/** The values now, since their arrays are about to be closed. */
	private static List<SafeTensors.Source> keep(final List<SafeTensors.Source> sources) {
		final List<SafeTensors.Source> kept = new ArrayList<>();
		for (final SafeTensors.Source source : sources) {
			final float[] values = source.values().get();
			kept.add(new SafeTensors.Source(source.name(), source.shape(), () -> values));
		}
		return kept;
	}

	private static void refused(final Path file, final String... parts) {
		final String message = assertThrows(InvalidInputException.class, () -> Prior.open(file, "cpu")).getMessage();
		for (final String part : parts)
			assertTrue(message.contains(part), message);
	}
}
