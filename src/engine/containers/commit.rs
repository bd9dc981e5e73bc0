//! `docker commit`: a container's own layer becomes an image.

use std::rc::Rc;

use docker_api::reference::Reference;
use docker_api::types::{ContainerConfig, ImageConfig};

use super::config;
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::images::layers::layer_from;
use crate::images::{instructions, tag};
use crate::model::container::Container;
use crate::model::image::{History, Image};

/// What is said about the new image.
pub struct About {
    /// Who made it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// Dockerfile instructions that change the configuration.
    pub changes: Vec<String>,
    /// Freeze the container meanwhile.
    pub pause: bool,
}

/// The image's part of a container's configuration.
pub fn image_config(config: &ContainerConfig) -> ImageConfig {
    ImageConfig {
        args_escaped: config.args_escaped,
        cmd: config.cmd.clone(),
        entrypoint: config.entrypoint.clone(),
        env: config.env.clone(),
        exposed_ports: config.exposed_ports.clone(),
        healthcheck: config.healthcheck.clone(),
        labels: config.labels.clone(),
        on_build: config.on_build.clone(),
        shell: config.shell.clone(),
        stop_signal: config.stop_signal.clone(),
        user: config.user.clone(),
        volumes: config.volumes.clone(),
        working_dir: config.working_dir.clone(),
    }
}

/// Makes an image of a container.
pub async fn commit(
    d: &Rc<Daemon>,
    c: &Rc<Container>,
    config: Option<ContainerConfig>,
    repo: &str,
    tag: &str,
    about: About,
) -> ApiResult<String> {
    let reference = match (repo, tag) {
        ("", _) => None,
        (repo, "") => Some(Reference::parse(repo).map_err(ApiError::bad)?.or_latest()),
        (repo, tag) => Some(Reference::parse(&format!("{repo}:{tag}")).map_err(ApiError::bad)?),
    };
    let freeze = c.cgroup.get().filter(|_| about.pause && c.is_running() && !c.state.borrow().paused);
    if let Some(group) = freeze {
        d.sys.cgroup_freeze(group, true)?;
    }
    let made = make(d, c, config, &about);
    if let Some(group) = freeze {
        let _ = d.sys.cgroup_freeze(group, false);
    }
    let id = made?;
    if let Some(reference) = reference {
        tag::give(d, &id, &reference);
    }
    d.container_event(c, "commit", &[("comment", &about.comment), ("imageID", &id)]);
    disk::images::save(d);
    Ok(id)
}

fn make(d: &Rc<Daemon>, c: &Rc<Container>, config: Option<ContainerConfig>, about: &About) -> ApiResult<String> {
    let parent = d.images.borrow().images.get(&c.image_id).cloned().unwrap_or_default();
    let mut wanted = config.unwrap_or_default();
    config::merge(&mut wanted, &image_config(&c.config.borrow()));
    let mut image = Image {
        author: about.author.clone(),
        created: d.now_text(),
        config: image_config(&wanted),
        ..parent.image.clone()
    };
    instructions::apply_changes(&mut image, &about.changes).map_err(ApiError::bad)?;
    let diff = layer_from(d, &c.rootfs.path("diff"), &c.chain)?;
    let command: Vec<&str> = std::iter::once(c.path.as_str()).chain(c.args.iter().map(String::as_str)).collect();
    image.history.push(History {
        created: image.created.clone(),
        created_by: command.join(" "),
        comment: about.comment.clone(),
        empty_layer: diff.is_none(),
    });
    image.diff_ids.extend(diff);
    image.architecture = "amd64".into();
    image.os = "linux".into();
    Ok(d.images.borrow_mut().add(image, &c.image_id))
}
