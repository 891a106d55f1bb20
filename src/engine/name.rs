//! The names that a run makes: those of users are legal on every target (at most 64 bytes of
//! lower-case letters, digits, `_`, `-` and `.`), and all of them are nobody else's.

use crate::{history::Cast, scenario::model::Actor};

/// How many characters of an actor's name are kept; the rest of the 64 bytes is for what tells
/// runs, casts and clients apart.
const KEPT: usize = 20;

/// The user name of one client. `place` is that of its actor in the scenario.
pub(super) fn made(run: &str, cast: Cast, place: usize, actor: &Actor, index: u32) -> String {
    let mut name: String = actor.name.to_ascii_lowercase().chars().take(KEPT).collect();
    if name != actor.name {
        // Actors whose names are now alike still have places of their own.
        name.push_str(&format!(".{place}"));
    }
    if actor.is_group {
        name.push_str(&format!("-{index}"));
    }
    format!("cp-{run}-{}-{name}", cast.0)
}

/// The name of a group or room. Its id is what addresses it; by its name people see whose it is.
pub(super) fn conference(run: &str, cast: Cast, name: &str) -> String {
    let name: String = name.chars().take(KEPT).collect();
    format!("cp-{run}-{}-{name}", cast.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn names_are_legal_readable_and_different() {
        let long = "a_very_long_name_of_an_actor";
        let text = format!(
            "scenario: names\nactors: {{alice: 1, Alice: 1, {long}_1: 1, {long}_2: {{count: 2}}}}\nsteps:\n- pause: 1s\n"
        );
        let scenario = scenario::read("names.yaml", &text).unwrap();
        let mut names = Vec::new();
        for (place, actor) in scenario.actors.iter().enumerate() {
            names.extend((0..actor.count).map(|index| made("k3x9a0zz", Cast(7499), place, actor, index)));
        }
        insta::assert_snapshot!(names.join("\n"), @"
        cp-k3x9a0zz-7499-alice
        cp-k3x9a0zz-7499-alice.1
        cp-k3x9a0zz-7499-a_very_long_name_of_.2
        cp-k3x9a0zz-7499-a_very_long_name_of_.3-0
        cp-k3x9a0zz-7499-a_very_long_name_of_.3-1
        ");
        assert!(names.iter().all(|name| name.len() <= 64));
    }

    #[test]
    fn groups_of_two_casts_have_two_names() {
        let names = [0, 1].map(|cast| conference("k3x9a0zz", Cast(cast), "team"));
        assert_eq!(names, ["cp-k3x9a0zz-0-team", "cp-k3x9a0zz-1-team"]);
    }
}
