//! The scenarios inside this binary, so that it works outside the repository.

/// One scenario file inside this binary.
#[derive(Debug)]
pub struct Shipped {
    /// Its path in the repository, such as `scenarios/tour.yaml`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(Shipped { path: $path, text: include_str!(concat!("../../", $path)) }),*]
    };
}

/// Every file below `scenarios/`, sorted.
pub const SHIPPED: &[Shipped] = shipped![
    "scenarios/closed/services.yaml",
    "scenarios/closed/single-login.yaml",
    "scenarios/features/announcement.yaml",
    "scenarios/features/app-message.yaml",
    "scenarios/features/attachment-image.yaml",
    "scenarios/features/attachment-kinds.yaml",
    "scenarios/features/attachment-refused.yaml",
    "scenarios/features/attachment-secret.yaml",
    "scenarios/features/attachment-url.yaml",
    "scenarios/features/block-list.yaml",
    "scenarios/features/channel-receipt.yaml",
    "scenarios/features/command.yaml",
    "scenarios/features/contacts.yaml",
    "scenarios/features/custom.yaml",
    "scenarios/features/delete-session.yaml",
    "scenarios/features/delivered-receipt.yaml",
    "scenarios/features/group-approval.yaml",
    "scenarios/features/group-block-list.yaml",
    "scenarios/features/group-end.yaml",
    "scenarios/features/group-invitation.yaml",
    "scenarios/features/group-membership.yaml",
    "scenarios/features/group-mute-all.yaml",
    "scenarios/features/group-mute.yaml",
    "scenarios/features/group-read-receipt.yaml",
    "scenarios/features/group-roles.yaml",
    "scenarios/features/history-pages.yaml",
    "scenarios/features/history.yaml",
    "scenarios/features/location.yaml",
    "scenarios/features/message-to-devices.yaml",
    "scenarios/features/new-messages.yaml",
    "scenarios/features/read-receipt.yaml",
    "scenarios/features/recall-offline.yaml",
    "scenarios/features/recall-traces.yaml",
    "scenarios/features/recall.yaml",
    "scenarios/features/refusal-blocked.yaml",
    "scenarios/features/refusal-global-mute.yaml",
    "scenarios/features/refusal-kick.yaml",
    "scenarios/features/refusal-login.yaml",
    "scenarios/features/refusal-places.yaml",
    "scenarios/features/refusal-rest.yaml",
    "scenarios/features/refusal-words.yaml",
    "scenarios/features/room-membership.yaml",
    "scenarios/features/room-rights.yaml",
    "scenarios/features/sessions.yaml",
    "scenarios/features/text-ext.yaml",
    "scenarios/hello.yaml",
    "scenarios/load/chat.yaml",
    "scenarios/load/group-read-receipts.yaml",
    "scenarios/load/images.yaml",
    "scenarios/load/rate.yaml",
    "scenarios/strict/limits.yaml",
    "scenarios/tour.yaml"
];

impl Shipped {
    /// The name that `run` knows it by, such as `tour` or `load/chat`.
    pub fn name(&self) -> &'static str {
        let below = self.path.strip_prefix("scenarios/").unwrap_or(self.path);
        below.strip_suffix(".yaml").unwrap_or(below)
    }

    /// The scenario that goes by this name, with or without its folder and ending.
    pub fn find(named: &str) -> Option<&'static Self> {
        let named = named.strip_prefix("./").unwrap_or(named);
        SHIPPED.iter().find(|shipped| {
            shipped.path == named
                || shipped.name() == named
                || shipped.path.strip_prefix("scenarios/") == Some(named)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::scenario;

    fn files(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, into) } else { into.push(path) }
        }
    }

    #[test]
    fn no_scenario_of_the_repository_is_missing_here() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("scenarios"), &mut found);
        let mut found: Vec<String> =
            found.iter().map(|path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()).collect();
        found.sort();
        assert_eq!(SHIPPED.iter().map(|shipped| shipped.path).collect::<Vec<_>>(), found);
    }

    #[test]
    fn every_shipped_scenario_is_free_of_mistakes_and_has_a_title() {
        for shipped in SHIPPED {
            let scenario = scenario::read(shipped.path, shipped.text).unwrap();
            assert_eq!(scenario.name, shipped.name());
            assert!(scenario.title.is_some(), "{} has no title", shipped.path);
        }
    }

    #[test]
    fn every_shipped_scenario_names_the_schema_for_editors() {
        for shipped in SHIPPED {
            let depth = shipped.path.matches('/').count();
            let schema = format!(
                "# yaml-language-server: $schema={}docs/schema/scenario.schema.json",
                "../".repeat(depth)
            );
            assert_eq!(shipped.text.lines().next(), Some(schema.as_str()), "{}", shipped.path);
        }
    }

    #[test]
    fn a_shipped_scenario_is_found_by_name_and_by_path() {
        for named in ["hello", "hello.yaml", "scenarios/hello.yaml", "./scenarios/hello.yaml"] {
            assert_eq!(Shipped::find(named).map(Shipped::name), Some("hello"), "{named}");
        }
        assert!(Shipped::find("hell").is_none());
    }
}
