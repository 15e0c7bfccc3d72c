import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    application
    alias(libs.plugins.kotlin.jvm)
    alias(libs.plugins.kotlin.compose)
}

// The screens and the library are compiled again here, for a plain JVM: the modules beside this one are Android's.
val ui = file("../ui")
val library = file("../permesso")
val generated = library.resolve("target/generated")

sourceSets.main {
    kotlin.setSrcDirs(
        listOf(
            "src/main/kotlin",
            ui.resolve("src/main/kotlin"),
            ui.resolve("target/generated-sources/strings"),
            library.resolve("src/main/kotlin"),
            generated.resolve("kotlin"),
        ),
    )
    resources.setSrcDirs(listOf("src/main/resources", generated.resolve("resources")))
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
    }
}

application {
    mainClass = "org.permesso.desktop.MainKt"
}

val machine =
    System.getProperty("os.name").let { system ->
        val processor = if (System.getProperty("os.arch") == "aarch64") "arm64" else "x64"
        when {
            system.startsWith("Windows") -> "windows-x64"
            system.startsWith("Mac") -> "macos-$processor"
            else -> "linux-$processor"
        }
    }

dependencies {
    implementation(libs.jna)
    implementation(libs.coroutines.core)
    implementation(libs.zxing)
    implementation(libs.desktop.material3)
    implementation(libs.desktop.collection) { isTransitive = false }
    implementation(libs.skiko)
    runtimeOnly("org.jetbrains.skiko:skiko-awt-runtime-$machine:${libs.versions.skiko.get()}")
    runtimeOnly(libs.coroutines.swing)
}

tasks.processResources {
    filesMatching("**/version.properties") {
        filter { it.replace("\${project.version}", libs.versions.permesso.get()) }
    }
}

tasks.named("compileKotlin") {
    doFirst {
        check(generated.isDirectory) { "run `cargo xtask kotlin` first: it generates what this builds" }
    }
}
