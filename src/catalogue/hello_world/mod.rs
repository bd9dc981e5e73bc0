//! `hello-world`: one static program that prints one text.

use engine::registry::RemoteImage;
use machine::{ExitCode, Fd, Sys};

use crate::files::Files;
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "hello-world",
    description: "Hello World! (an example of minimal Dockerization)",
    stars: 2463,
    tags: &[("latest", image), ("linux", image)],
};

const TEXT: &str = "
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the \"hello-world\" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

";

fn image() -> RemoteImage {
    Recipe::new("2025-08-08T19:05:17Z")
        .layer("COPY hello / # buildkit", 2380, 10_072, || {
            let mut files = Files::new();
            files.program("hello", "hello-world", 10_072);
            files.list()
        })
        .cmd(&["/hello"])
        .build()
}

/// `/hello`.
pub async fn main(sys: Sys) -> ExitCode {
    let written = sys.write_all(Fd::STDOUT, TEXT.as_bytes()).await;
    ExitCode(u8::from(written.is_err()))
}
