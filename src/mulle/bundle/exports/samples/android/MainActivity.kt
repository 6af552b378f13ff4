package com.example.predict

import android.app.Activity
import android.os.Bundle
import android.widget.TextView
import kotlin.concurrent.thread

/** Shows what the model says of one row. */
class MainActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        val view = TextView(this).apply { textSize = 18f; setPadding(48, 96, 48, 48) }
        setContentView(view)
        thread {
            val said = Predictor(applicationContext).use { it.predict(Row(@EXAMPLE@)) }
            runOnUiThread { view.text = said.toString() }
        }
    }
}
