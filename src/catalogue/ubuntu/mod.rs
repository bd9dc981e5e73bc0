//! `ubuntu`: 22.04 and 24.04.

use engine::registry::{LayerFile, RemoteImage};

use crate::debian;
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "ubuntu",
    description: "Ubuntu is a Debian-based Linux operating system based on free software.",
    stars: 17_650,
    tags: &[("22.04", jammy), ("24.04", noble), ("jammy", jammy), ("latest", noble), ("noble", noble)],
};

const JAMMY: &str = "\
PRETTY_NAME=\"Ubuntu 22.04.5 LTS\"
NAME=\"Ubuntu\"
VERSION_ID=\"22.04\"
VERSION=\"22.04.5 LTS (Jammy Jellyfish)\"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
HOME_URL=\"https://www.ubuntu.com/\"
SUPPORT_URL=\"https://help.ubuntu.com/\"
BUG_REPORT_URL=\"https://bugs.launchpad.net/ubuntu/\"
PRIVACY_POLICY_URL=\"https://www.ubuntu.com/legal/terms-and-policies/privacy-policy\"
UBUNTU_CODENAME=jammy
";

const NOBLE: &str = "\
PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"
NAME=\"Ubuntu\"
VERSION_ID=\"24.04\"
VERSION=\"24.04.3 LTS (Noble Numbat)\"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
HOME_URL=\"https://www.ubuntu.com/\"
SUPPORT_URL=\"https://help.ubuntu.com/\"
BUG_REPORT_URL=\"https://bugs.launchpad.net/ubuntu/\"
PRIVACY_POLICY_URL=\"https://www.ubuntu.com/legal/terms-and-policies/privacy-policy\"
UBUNTU_CODENAME=noble
LOGO=ubuntu-logo
";

fn jammy() -> RemoteImage {
    image(29_537_690, 77_868_471, || layer(JAMMY))
}

fn noble() -> RemoteImage {
    image(29_724_688, 78_129_634, || layer(NOBLE))
}

fn image(compressed: u64, size: u64, files: fn() -> Vec<LayerFile>) -> RemoteImage {
    Recipe::new("2025-10-13T16:31:25Z")
        .note("/bin/sh -c #(nop)  ARG RELEASE")
        .note("/bin/sh -c #(nop)  ARG LAUNCHPAD_BUILD_ARCH")
        .layer("/bin/sh -c #(nop) ADD file:rootfs in / ", compressed, size, files)
        .note("/bin/sh -c #(nop)  CMD [\"/bin/bash\"]")
        .command_only(&["/bin/bash"])
        .build()
}

fn layer(os_release: &'static str) -> Vec<LayerFile> {
    debian::base(os_release).list()
}
