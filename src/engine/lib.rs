//! The Docker daemon: images, containers, networks, volumes, builder.
