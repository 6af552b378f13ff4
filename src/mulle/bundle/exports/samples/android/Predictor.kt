package com.example.predict

import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtSession
import android.content.Context
import java.io.File
import java.nio.DoubleBuffer
import java.nio.LongBuffer
import java.security.MessageDigest
import java.text.Normalizer
import java.time.LocalDateTime
import java.time.ZoneOffset
import org.json.JSONObject

/** One row; null is missing. Numbers are plain, text is as people write it, dates are in UTC. */
data class Row(
@FIELDS@
)

/** What the model says: a label with its probabilities, or a value. */
data class Prediction(val label: String?, val probabilities: Map<String, Double>, val value: Double?)

/** Predicts @TARGET_COMMENT@. Make one, off the main thread, and keep it: loading is the slow part. */
class Predictor(context: Context) : AutoCloseable {
    private val environment = OrtEnvironment.getEnvironment()
    private val session: OrtSession = environment.createSession(Models.current(context))

    fun predict(row: Row): Prediction {
        val inputs = mutableMapOf<String, OnnxTensor>()
        try {
@INPUTS@
            session.run(inputs).use { outputs -> return told(outputs) }
        } finally {
            inputs.values.forEach { it.close() }
        }
    }

    override fun close() = session.close()

    private fun told(outputs: OrtSession.Result): Prediction {
        val scores = (outputs.get(@SCORES@).get() as OnnxTensor).doubleBuffer
        if (LABELS.isEmpty()) return Prediction(null, emptyMap(), scores.get(0))
        val probabilities = LABELS.indices.associate { LABELS[it] to scores.get(it) }
        val label = (outputs.get(@LABEL@).get() as OnnxTensor).value
        val given = if (label is LongArray) label[0].toString() else (label as Array<*>)[0].toString()
        return Prediction(LABELS[GRAPH_LABELS.indexOf(given)], probabilities, null)
    }

    private fun number(value: Double?): OnnxTensor =
        OnnxTensor.createTensor(environment, DoubleBuffer.wrap(doubleArrayOf(value?.takeIf { it.isFinite() } ?: Double.NaN)), SHAPE)

    private fun date(value: LocalDateTime?): OnnxTensor {
        val moment = value?.toInstant(ZoneOffset.UTC)
        val microseconds = moment?.let { it.epochSecond * 1_000_000 + it.nano / 1_000 } ?: Long.MIN_VALUE
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(longArrayOf(microseconds)), SHAPE)
    }

    private fun text(value: String?): OnnxTensor {
        val clean = value?.let { Normalizer.normalize(it, Normalizer.Form.NFC).trim() }
        val cell = if (clean == null || clean in MISSING) "\uE000" else clean
        return OnnxTensor.createTensor(environment, arrayOf(cell), SHAPE)
    }

    private companion object {
        val SHAPE = longArrayOf(1, 1)
        val LABELS = listOf<String>(@LABELS@)
        val GRAPH_LABELS = listOf<String>(@GRAPH_LABELS@)  // the same, as the graph has them
        val MISSING = setOf(@MISSING@)
    }
}

/** Which model runs: the one that came with the app, or a later one that was delivered whole. */
object Models {
    private const val FILE = "model.onnx"
    private const val CONTRACT = "model.json"

    fun current(context: Context): ByteArray {
        val packed = context.assets.open(FILE).use { it.readBytes() }
        val contract = context.assets.open(CONTRACT).use { JSONObject(it.reader().readText()) }
        return delivered(context.filesDir, contract) ?: packed
    }

    /** A delivered model counts if it is newer, takes the same columns, and is what its contract says. */
    private fun delivered(folder: File, packed: JSONObject): ByteArray? {
        val graph = File(folder, FILE)
        val said = File(folder, CONTRACT)
        if (!graph.isFile || !said.isFile) return null
        val contract = runCatching { JSONObject(said.readText()) }.getOrNull() ?: return null
        if (contract.optString("created") <= packed.getString("created")) return null
        if (columns(contract) != columns(packed) || contract.optJSONArray("outputs")?.toString() != packed.getJSONArray("outputs").toString()) return null
        return graph.readBytes().takeIf { sha256(it) == contract.optString("sha256") }
    }

    private fun columns(contract: JSONObject): List<String> {
        val inputs = contract.optJSONArray("inputs") ?: return emptyList()
        return (0 until inputs.length()).map { inputs.getJSONObject(it).run { getString("name") + " " + getString("dtype") } }
    }

    private fun sha256(bytes: ByteArray): String =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
}
