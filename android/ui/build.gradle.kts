import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
    alias(libs.plugins.kotlin.compose)
}

// `cargo xtask strings` writes them of the resources.
val words = file("target/generated-sources/strings")

android {
    namespace = "org.permesso.ui"
    compileSdk =
        libs.versions.compileSdk
            .get()
            .toInt()

    defaultConfig {
        minSdk =
            libs.versions.minSdk
                .get()
                .toInt()
    }

    buildFeatures {
        compose = true
    }

    sourceSets.getByName("main") {
        kotlin.setSrcDirs(listOf("src/main/kotlin", words))
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

dependencies {
    api(project(":permesso"))
    api(libs.compose.animation)
    api(libs.compose.foundation)
    api(libs.compose.icons)
    api(libs.compose.material3)
    api(libs.compose.ui)
    implementation(libs.zxing)
}

tasks.named("preBuild") {
    doFirst {
        check(words.isDirectory) { "run `cargo xtask strings` first: it generates what this builds" }
    }
}
