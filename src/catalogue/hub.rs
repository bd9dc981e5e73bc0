//! The registry: which repositories there are, and which tag means which image.

use docker_api::reference::Reference;
use docker_api::types::SearchResult;
use engine::registry::{Registry, RegistryError, RemoteImage};

use crate::repository::Repository;
use crate::{alpine, busybox, debian, hello_world, nginx, redis, ubuntu};

/// All repositories, sorted by name.
const REPOSITORIES: &[Repository] = &[
    alpine::REPOSITORY,
    busybox::REPOSITORY,
    debian::REPOSITORY,
    hello_world::REPOSITORY,
    nginx::REPOSITORY,
    redis::REPOSITORY,
    ubuntu::REPOSITORY,
];

/// Well-known repositories of the real hub that are not here, sorted: to say that they do not exist would be untrue.
const NOT_HERE: &[&str] = &[
    "amazonlinux",
    "archlinux",
    "caddy",
    "centos",
    "docker",
    "elasticsearch",
    "fedora",
    "ghost",
    "golang",
    "gradle",
    "haproxy",
    "httpd",
    "influxdb",
    "jenkins",
    "kibana",
    "mariadb",
    "maven",
    "memcached",
    "mongo",
    "mysql",
    "nextcloud",
    "node",
    "openjdk",
    "perl",
    "php",
    "postgres",
    "python",
    "rabbitmq",
    "registry",
    "rockylinux",
    "ruby",
    "rust",
    "sonarqube",
    "tomcat",
    "traefik",
    "valkey",
    "wordpress",
    "zookeeper",
];

/// Repositories that a search finds and that cannot be pulled here: name, stars, description.
const FOUND_ONLY: &[(&str, i64, &str)] = &[
    ("redis/redis-stack", 150, "redis-stack installs a Redis server with additional database capabilities"),
    (
        "redis/redis-stack-server",
        95,
        "redis-stack-server installs a Redis server with additional database capabilities",
    ),
    ("bitnami/redis", 300, "Bitnami container image for Redis"),
];

/// Docker Hub, as far as it is here.
pub struct Hub;

impl Registry for Hub {
    fn resolve(&self, reference: &Reference) -> Result<RemoteImage, RegistryError> {
        let name = reference.path.strip_prefix("library/").filter(|_| reference.domain == "docker.io");
        let Some(found) = REPOSITORIES.iter().find(|r| Some(r.name) == name) else {
            let real = name.is_some_and(|name| NOT_HERE.binary_search(&name).is_ok())
                || (reference.domain == "docker.io" && FOUND_ONLY.iter().any(|(name, ..)| *name == reference.path));
            return Err(if real { RegistryError::NotEmulated } else { RegistryError::Denied });
        };
        if reference.digest.is_some() {
            return Err(RegistryError::NoManifest);
        }
        let tag = reference.tag.as_deref().unwrap_or("latest");
        let image = found.tags.iter().find(|(t, _)| *t == tag).ok_or(RegistryError::NoManifest)?;
        Ok((image.1)())
    }

    fn tags(&self, reference: &Reference) -> Vec<String> {
        let name = reference.path.strip_prefix("library/").filter(|_| reference.domain == "docker.io");
        let found = REPOSITORIES.iter().find(|r| Some(r.name) == name);
        found.map_or_else(Vec::new, |r| r.tags.iter().map(|(tag, _)| (*tag).to_string()).collect())
    }

    fn search(&self, term: &str) -> Vec<SearchResult> {
        let found =
            REPOSITORIES.iter().filter(|r| r.name.contains(term) || r.description.to_lowercase().contains(term));
        let mut results: Vec<SearchResult> = found
            .map(|r| SearchResult {
                star_count: r.stars,
                is_official: true,
                name: r.name.into(),
                is_automated: false,
                description: r.description.into(),
            })
            .collect();
        results.sort_by_key(|r| std::cmp::Reverse(r.star_count));
        results.extend(FOUND_ONLY.iter().filter(|(name, ..)| name.contains(term)).map(|(name, stars, description)| {
            SearchResult {
                star_count: *stars,
                is_official: false,
                name: (*name).into(),
                is_automated: false,
                description: (*description).into(),
            }
        }));
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_sorted_and_have_latest() {
        assert!(REPOSITORIES.is_sorted_by_key(|r| r.name));
        assert!(NOT_HERE.is_sorted());
        for repository in REPOSITORIES {
            assert!(repository.tags.iter().any(|(tag, _)| *tag == "latest"), "{}", repository.name);
        }
    }

    #[test]
    fn layers_list_folders_before_what_is_in_them() {
        for repository in REPOSITORIES {
            for (tag, image) in repository.tags {
                let mut seen = std::collections::BTreeSet::new();
                for file in image().layers.iter().flat_map(|l| (l.files)()) {
                    if let Some((folder, _)) = file.path.rsplit_once('/') {
                        assert!(seen.contains(folder), "{}:{tag}: {folder} comes after {}", repository.name, file.path);
                    }
                    seen.insert(file.path.clone());
                }
            }
        }
    }

    #[test]
    fn resolves_as_the_hub_does() {
        let resolve = |name: &str| Hub.resolve(&Reference::parse(name).expect("a reference")).map(|i| i.layers.len());
        assert!(resolve("redis").is_ok());
        assert_eq!(resolve("mysql"), Err(RegistryError::NotEmulated));
        assert_eq!(resolve("nosuch"), Err(RegistryError::Denied));
        assert_eq!(resolve("redis:nosuch"), Err(RegistryError::NoManifest));
        assert_eq!(resolve("me/redis"), Err(RegistryError::Denied));
    }
}
