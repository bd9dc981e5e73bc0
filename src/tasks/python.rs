//! Python's client of Redis for the tests, beside the system in `.tools`.

use crate::run::{Failure, output_of};
use crate::setup::Setup;
use std::fs;
use std::path::PathBuf;

const REQUIREMENTS: &str = "tests/clients/requirements.txt";

/// The folder of the packages that the tests need, fetched where it is missing. None where there is no Python or no pip;
/// these tests are skipped then, which is no failure.
pub fn packages(setup: &Setup) -> Option<PathBuf> {
    match install(setup) {
        Ok(folder) => Some(folder),
        Err(Failure(why)) => {
            println!("! no redis-py to test with: {why}");
            None
        }
    }
}

/// `pip install --target`, unless the folder was filled from this very list.
fn install(setup: &Setup) -> Result<PathBuf, Failure> {
    let failure = |error: std::io::Error| Failure(format!("{REQUIREMENTS}: {error}"));
    let wanted = fs::read(setup.root().join(REQUIREMENTS)).map_err(failure)?;
    let folder = setup.tools().join("python");
    let mark = folder.join("requirements.txt");
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    setup.online("it")?;
    let _ = fs::remove_dir_all(&folder);
    let mut pip = setup.command("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        REQUIREMENTS,
    ]);
    output_of(pip.arg("--target").arg(&folder)).ok_or_else(|| Failure("Python 3 with pip is needed".to_owned()))?;
    fs::write(&mark, wanted).map_err(failure)?;
    Ok(folder)
}
