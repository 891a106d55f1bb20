//! The folder of a run's report.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, fmt::strtime};

/// Where reports go by default.
const REPORTS: &str = "reports";
/// How a report's folder tells when its run began; sortable, and legal on every file system.
const TIME: &str = "%Y-%m-%dT%H-%M-%SZ";
/// Most folders of the same second and name.
const ATTEMPTS: u32 = 100;

/// Makes the folder that was asked for, without the files of an earlier report, or a fresh one with
/// time and name.
pub(super) fn make(
    asked: Option<&Path>,
    earlier: &[&str],
    name: &str,
    now: Timestamp,
) -> io::Result<PathBuf> {
    if let Some(folder) = asked {
        fs::create_dir_all(folder)?;
        for earlier in earlier {
            match fs::remove_file(folder.join(earlier)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        return Ok(folder.to_owned());
    }
    let time = strtime::format(TIME, now).map_err(io::Error::other)?;
    fs::create_dir_all(REPORTS)?;
    // `load/chat` is one folder, not two.
    let name = name.replace('/', "-");
    for attempt in 1..=ATTEMPTS {
        let suffix = if attempt == 1 { String::new() } else { format!("-{attempt}") };
        let folder = Path::new(REPORTS).join(format!("{time}-{name}{suffix}"));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
    Err(io::Error::other(format!("{ATTEMPTS} reports of this second are there already")))
}
