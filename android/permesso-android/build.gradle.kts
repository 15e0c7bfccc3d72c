import org.jetbrains.kotlin.gradle.dsl.ExplicitApiMode
import org.jetbrains.kotlin.gradle.dsl.JvmTarget
import org.jetbrains.kotlin.gradle.dsl.KotlinVersion

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

group = "org.permesso"
version = libs.versions.permesso.get()

// The generated code and, for a run on a phone, the libraries: `cargo xtask kotlin` and `cargo xtask aar` lay them there.
val common = file("../permesso")
val generated = file("../permesso/target/generated/kotlin")
val libraries = file("../../target/aar/jni")

android {
    namespace = "org.permesso"
    compileSdk =
        libs.versions.compileSdk
            .get()
            .toInt()
    ndkVersion = libs.versions.ndk.get()

    defaultConfig {
        minSdk =
            libs.versions.minSdk
                .get()
                .toInt()
        consumerProguardFiles("proguard.txt")
    }

    sourceSets.getByName("main") {
        kotlin.setSrcDirs(listOf("src/main/kotlin", common.resolve("src/main/kotlin"), generated))
        jniLibs.setSrcDirs(listOf(libraries))
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

kotlin {
    explicitApi = ExplicitApiMode.Disabled // The generated code does not say `public`.
    compilerOptions {
        jvmTarget = JvmTarget.JVM_11
        languageVersion = KotlinVersion.KOTLIN_2_2
        apiVersion = KotlinVersion.KOTLIN_2_2
        allWarningsAsErrors = true
    }
}

dependencies {
    // With the native parts for phones.
    api("${libs.jna.get().module}:${libs.versions.jna.get()}@aar")
    api(libs.coroutines.android)
}

tasks.named("preBuild") {
    doFirst {
        check(generated.isDirectory) { "run `cargo xtask kotlin` first: it generates what this builds" }
    }
}
