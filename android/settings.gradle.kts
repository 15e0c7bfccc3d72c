// For Android Studio: the same source folders that Maven compiles and tests. What is published is made by `cargo xtask aar`.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "permesso"

include(":permesso", ":ui", ":app", ":desktop")

// Its manifest, rules and Android's own sources lie there; those for every Kotlin beside it.
project(":permesso").projectDir = file("permesso-android")
