//! The files that a script uploads: beside the scenario, inside this binary, or made up.

use std::{
    fs,
    io::Read,
    path::{Component, Path},
};

use bytes::{Bytes, BytesMut};

/// Largest file that a script can have, bytes.
pub(super) const LARGEST_FILE: u32 = 64 * 1024 * 1024;
/// Bytes of one line of a file that is made up.
const MADE_LINE: usize = 64;

/// Why a file is none of the scenario's.
const ELSEWHERE: &str = "a file stands beside the scenario or below it";

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../fixtures/media/", $name)))),*]
    };
}

/// The media files inside this binary, sorted: one of each type that the document allows, and
/// `photo.png`, which is large enough for a thumbnail.
pub const MEDIA: &[(&str, &[u8])] = shipped![
    "archive.zip",
    "clip.avi",
    "clip.mkv",
    "clip.mp4",
    "clip.rmvb",
    "clip.wmv",
    "image.bmp",
    "image.gif",
    "image.jpg",
    "image.png",
    "letter.doc",
    "notes.txt",
    "page.pdf",
    "photo.png",
    "voice.amr",
    "voice.mp3",
];

/// The file at a path: beside the scenario, which is in `folder` if it is in one; else the one of
/// that name in this binary.
///
/// # Errors
/// Why there is none, in words for its place in the file.
pub(super) fn named(folder: Option<&Path>, path: &str) -> Result<Bytes, String> {
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(ELSEWHERE.to_owned());
    }
    let beside = folder.map(|folder| (folder, folder.join(path))).filter(|(_, beside)| beside.exists());
    match beside {
        // A link may lead away from there.
        Some((folder, beside)) if leads_out(folder, &beside) => Err(ELSEWHERE.to_owned()),
        Some((_, beside)) => read(&beside),
        None => {
            let shipped = MEDIA.iter().find(|(name, _)| *name == path);
            shipped.map(|(_, bytes)| Bytes::from_static(bytes)).ok_or_else(|| match folder {
                Some(_) => "it is neither beside the scenario nor in this binary".to_owned(),
                None => "it is not in this binary".to_owned(),
            })
        }
    }
}

fn leads_out(folder: &Path, beside: &Path) -> bool {
    // The folder of a scenario that is named without one is empty.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (folder.canonicalize(), beside.canonicalize()) {
        (Ok(folder), Ok(beside)) => !beside.starts_with(folder),
        _ => true,
    }
}

fn read(path: &Path) -> Result<Bytes, String> {
    if !path.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).map_err(|error| format!("it cannot be opened: {error}"))?;
    let most = u64::from(LARGEST_FILE);
    opened.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("it has more than {LARGEST_FILE} bytes"));
    }
    Ok(bytes.into())
}

/// A file of that many bytes: numbered lines, so that a part that is lost or moved shows.
pub(super) fn made(size: u32) -> Bytes {
    let size = size as usize;
    let mut bytes = BytesMut::with_capacity(size + MADE_LINE);
    for number in 0_usize.. {
        if bytes.len() >= size {
            break;
        }
        let width = MADE_LINE - 1;
        bytes.extend_from_slice(format!("{number:>width$}\n").as_bytes());
    }
    bytes.truncate(size);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_the_scenario_goes_before_the_one_of_this_binary() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(named(Some(folder.path()), "image.png").unwrap(), MEDIA[9].1);
        fs::write(folder.path().join("image.png"), "mine").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/a.txt"), "below").unwrap();
        assert_eq!(named(Some(folder.path()), "image.png").unwrap(), "mine");
        assert_eq!(named(Some(folder.path()), "./sub/a.txt").unwrap(), "below");
        assert_eq!(named(None, "image.png").unwrap(), MEDIA[9].1);
        assert_eq!(named(Some(folder.path()), "sub").unwrap_err(), "it is no file");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_what_stands_beside_the_script_or_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        fs::write(below.join("mine"), "mine").unwrap();
        std::os::unix::fs::symlink("mine", below.join("near")).unwrap();
        std::os::unix::fs::symlink("../secret", below.join("far")).unwrap();
        assert_eq!(named(Some(&below), "near").unwrap(), "mine");
        assert_eq!(named(Some(&below), "far").unwrap_err(), ELSEWHERE);
    }

    #[test]
    fn a_script_reads_nothing_but_what_stands_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        let absolute = folder.path().join("secret");
        for path in ["../secret", "a/../../secret", absolute.to_str().unwrap()] {
            assert_eq!(
                named(Some(&below), path).unwrap_err(),
                "a file stands beside the scenario or below it"
            );
        }
    }

    #[test]
    fn a_made_file_has_its_length_and_no_line_twice() {
        for size in [0, 1, 63, 64, 65, 100_000] {
            assert_eq!(made(size).len(), size as usize);
        }
        let bytes = made(64 * 1_000);
        let mut lines: Vec<&[u8]> = bytes.chunks(64).collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 1_000);
    }

    #[test]
    fn every_media_file_of_the_repository_is_in_this_binary_and_begins_as_its_type_does() {
        let beginnings: &[(&str, &[u8])] = &[
            ("amr", b"#!AMR\n"),
            ("avi", b"RIFF"),
            ("bmp", b"BM"),
            ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            ("gif", b"GIF89a"),
            ("jpg", b"\xff\xd8\xff"),
            ("mkv", b"\x1a\x45\xdf\xa3"),
            ("mp3", b"\xff\xfb"),
            ("mp4", b"\0\0\0\x1cftyp"),
            ("pdf", b"%PDF-"),
            ("png", b"\x89PNG\r\n\x1a\n"),
            ("rmvb", b".RMF"),
            ("txt", b"A few words"),
            ("wmv", b"\x30\x26\xb2\x75"),
            ("zip", b"PK\x03\x04"),
        ];
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/media");
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".py"))
            .collect();
        names.sort();
        assert_eq!(MEDIA.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
        for (name, bytes) in MEDIA {
            let ending = name.rsplit_once('.').unwrap().1;
            let (_, beginning) = beginnings.iter().find(|(known, _)| *known == ending).unwrap();
            assert!(bytes.starts_with(beginning), "{name}");
        }
    }

    #[test]
    fn every_picture_of_this_binary_can_be_shown() {
        let sizes = [("bmp", (4, 3)), ("gif", (4, 3)), ("jpg", (1, 1)), ("png", (4, 3))];
        for (ending, size) in sizes {
            let bytes = named(None, &format!("image.{ending}")).unwrap();
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), size, "{ending}");
        }
        let photo = image::load_from_memory(&named(None, "photo.png").unwrap()).unwrap();
        assert_eq!((photo.width(), photo.height()), (192, 24));
    }
}
