//! Opening the world file that a command line names.

use std::{fs, path::Path};

use super::exit::Exit;
use crate::server::world::WorldFile;

/// Reads a world file.
///
/// # Errors
/// The exit that the command must end with; everything has been said.
pub fn open(path: &Path) -> Result<WorldFile, Exit> {
    let text = fs::read_to_string(path)
        .map_err(|error| Exit::Usage.because(&format!("read the world file {}", path.display()), &error))?;
    WorldFile::parse(&path.display().to_string(), &text)
        .map_err(|error| Exit::Usage.saying(&error.to_string()))
}
