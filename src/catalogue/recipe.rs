//! How an image is put together.

use std::collections::BTreeMap;
use std::rc::Rc;

use docker_api::types::ImageConfig;
use engine::registry::{LayerFile, RemoteImage, RemoteLayer};
use engine::{History, Image};

/// The PATH that every image sets.
pub const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image in the making.
pub struct Recipe {
    created: &'static str,
    config: ImageConfig,
    history: Vec<History>,
    layers: Vec<RemoteLayer>,
}

impl Recipe {
    /// An image without layers, created at an RFC 3339 time.
    pub fn new(created: &'static str) -> Recipe {
        let config = ImageConfig { env: Some(vec![PATH.to_string()]), ..ImageConfig::default() };
        Recipe { created, config, history: Vec::new(), layers: Vec::new() }
    }

    fn line(&mut self, created_by: &str, empty_layer: bool) {
        // Debian's and BusyBox's base images are put together by other tools than a builder.
        let comment = match created_by {
            by if by.starts_with("# debian.sh") => "debuerreotype 0.17",
            by if by.starts_with("BusyBox") || by.starts_with('/') => "",
            _ => "buildkit.dockerfile.v0",
        };
        let comment = comment.to_string();
        let (created, created_by) = (self.created.to_string(), created_by.to_string());
        self.history.push(History { created, created_by, comment, empty_layer });
    }

    /// A layer: what made it, bytes that travel, bytes on disk, what is in it.
    pub fn layer(
        mut self,
        created_by: &str,
        compressed: u64,
        size: u64,
        files: impl Fn() -> Vec<LayerFile> + 'static,
    ) -> Recipe {
        self.line(created_by, false);
        self.layers.push(RemoteLayer { compressed, size, files: Rc::new(files) });
        self
    }

    /// A line of the history that changed the configuration only.
    pub fn note(mut self, created_by: &str) -> Recipe {
        self.line(created_by, true);
        self
    }

    /// `CMD` in exec form.
    pub fn cmd(mut self, words: &[&str]) -> Recipe {
        self.config.cmd = Some(owned(words));
        let shown: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
        self.note(&format!("CMD [{}]", shown.join(" ")))
    }

    /// The command, where the history has a line for it already.
    pub fn command_only(mut self, words: &[&str]) -> Recipe {
        self.config.cmd = Some(owned(words));
        self
    }

    /// `ENTRYPOINT` in exec form.
    pub fn entrypoint(mut self, words: &[&str]) -> Recipe {
        self.config.entrypoint = Some(owned(words));
        let shown: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
        self.note(&format!("ENTRYPOINT [{}]", shown.join(" ")))
    }

    /// `ENV`.
    pub fn env(mut self, variable: &str) -> Recipe {
        self.config.env.get_or_insert_default().push(variable.to_string());
        self.note(&format!("ENV {variable}"))
    }

    /// `ARG` with its default.
    pub fn arg(self, name: &str, value: &str) -> Recipe {
        self.note(&format!("ARG {name}={value}"))
    }

    /// `EXPOSE`.
    pub fn expose(mut self, port: &str) -> Recipe {
        self.config.exposed_ports = Some(BTreeMap::from([(port.to_string(), Default::default())]));
        self.note(&format!("EXPOSE [{port}]"))
    }

    /// `STOPSIGNAL`.
    pub fn stop_signal(mut self, signal: &str) -> Recipe {
        self.config.stop_signal = signal.to_string();
        self.note(&format!("STOPSIGNAL {signal}"))
    }

    /// `LABEL`.
    pub fn label(mut self, name: &str, value: &str) -> Recipe {
        self.config.labels.get_or_insert_default().insert(name.to_string(), value.to_string());
        self.note(&format!("LABEL {name}={value}"))
    }

    /// `VOLUME`.
    pub fn volume(mut self, path: &str) -> Recipe {
        self.config.volumes = Some(BTreeMap::from([(path.to_string(), Default::default())]));
        self.note(&format!("VOLUME [{path}]"))
    }

    /// The working directory; its layer is added by the caller where it makes the folder.
    pub fn working_dir(mut self, path: &str) -> Recipe {
        self.config.working_dir = path.to_string();
        self
    }

    /// The finished image.
    pub fn build(self) -> RemoteImage {
        let config = Image {
            architecture: "amd64".into(),
            config: self.config,
            created: self.created.into(),
            history: self.history,
            os: "linux".into(),
            ..Image::default()
        };
        RemoteImage { config, layers: self.layers }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_string()).collect()
}
