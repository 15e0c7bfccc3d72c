import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
    alias(libs.plugins.kotlin.compose)
}

// semver; see versionCode below.
val numbers =
    libs.versions.permesso
        .get()
        .split('.')
        .map(String::toInt)

android {
    namespace = "org.permesso.app"
    compileSdk =
        libs.versions.compileSdk
            .get()
            .toInt()
    ndkVersion = libs.versions.ndk.get()

    defaultConfig {
        applicationId = "org.permesso.app"
        minSdk =
            libs.versions.minSdk
                .get()
                .toInt()
        targetSdk =
            libs.versions.targetSdk
                .get()
                .toInt()
        versionCode = numbers[0] * 1_000_000 + numbers[1] * 1_000 + numbers[2]
        versionName = libs.versions.permesso.get()
        ndk.debugSymbolLevel = "FULL"
    }

    buildFeatures {
        compose = true
    }

    buildTypes {
        // Not signed here: what comes out is the same for everybody who builds it, and the release workflow signs it.
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            // The commit, which who builds it from an archive of the source does not have.
            vcsInfo.include = false
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard.txt")
        }
    }

    // One for each processor, smaller, and one for all, to be handed on.
    splits.abi {
        isEnable = providers.gradleProperty("bundle").isPresent.not()
        reset()
        include("arm64-v8a", "armeabi-v7a", "x86_64")
        isUniversalApk = true
    }

    // What a store splits off would be missing where the app is handed on, to another phone and for another language, and what is in
    // pieces cannot be handed on.
    bundle {
        language.enableSplit = false
        abi.enableSplit = false
        density.enableSplit = false
    }

    // JNA brings these too; the app would be installed where its own library is missing.
    packaging.jniLibs.excludes += listOf("lib/x86/**", "lib/armeabi/**", "lib/mips/**", "lib/mips64/**")

    // Encrypted for Google alone, and different each time.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }

    sourceSets.getByName("main") {
        assets.srcDir(layout.buildDirectory.dir("licences"))
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
    implementation(project(":ui"))
    implementation(libs.activity.compose)
    implementation(libs.androidx.core)
    // What Android Studio draws src/debug/kotlin with.
    debugImplementation(libs.compose.tooling)
    debugImplementation(libs.compose.tooling.preview)
}

// What the page of licences shows.
val licences =
    tasks.register<Copy>("licences") {
        from(rootDir.resolve("..")) { include("LICENSE-*") }
        into(layout.buildDirectory.dir("licences/licences"))
    }

tasks.named("preBuild") { dependsOn(licences) }
