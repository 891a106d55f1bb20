//! Where REST calls go: the app's base address, and paths that stay below it.

use std::{fmt::Display, sync::Arc};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use super::super::ClientError;
use crate::protocol::escape::Excerpt;

/// Longest path that is asked for, bytes. Servers take about 8 KiB.
const MAX_PATH: usize = 8 * 1024;
/// Longest path that is shown in errors, characters.
const SHOWN_PATH: usize = 120;
/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@');

/// Text as one segment of a path: whatever a name or id holds, it leads nowhere else.
///
/// ```
/// # use chatproof::client::segment;
/// assert_eq!(segment("../../token?x").to_string(), "..%2F..%2Ftoken%3Fx");
/// ```
pub fn segment(text: &str) -> impl Display {
    utf8_percent_encode(text, SEGMENT)
}

/// The address of one app.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// As the target has it, without a slash at the end (`apiUrl`).
    pub(super) api_url: Arc<str>,
    app: Arc<str>,
}

impl Base {
    pub(super) fn new(rest: &str, app_key: &str) -> Result<Self, ClientError> {
        let misuse = |problem| ClientError::Misuse { problem };
        let is_name = |name: &str| {
            let is_bad = |c: char| c.is_whitespace() || c.is_control() || r"/\?#%".contains(c);
            !name.is_empty() && !is_dots(name) && !name.contains(is_bad)
        };
        let names = app_key.split_once('#').filter(|(org, app)| is_name(org) && is_name(app));
        let Some((org, app)) = names else {
            let got = Excerpt(app_key.as_bytes());
            return Err(misuse(format!("{got} is not an app key: write ORG#APP")));
        };
        let url = Url::parse(rest).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(url) = url.filter(|url| url.query().is_none() && url.fragment().is_none()) else {
            let got = Excerpt(rest.as_bytes());
            return Err(misuse(format!("{got} is not a REST address: write http(s)://HOST")));
        };
        // Not shown: there may be a password in it.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(misuse("the REST address has a user or password in it: write http(s)://HOST".into()));
        }
        let api_url = rest.trim_end_matches('/');
        Ok(Self { api_url: api_url.into(), app: format!("{api_url}/{org}/{app}").into() })
    }

    /// The address of a path below the app, such as `/users/alice?x=1`.
    pub(super) fn join(&self, path: &str) -> Result<Url, ClientError> {
        let misuse = |problem: &str| ClientError::Misuse {
            problem: format!("{} is not a path below /ORG/APP: {problem}", Excerpt(path.as_bytes())),
        };
        if path.len() > MAX_PATH {
            return Err(misuse("it is longer than 8 KiB"));
        }
        if !path.starts_with('/') {
            return Err(misuse("begin it with /"));
        }
        // What a URL parser would drop or take for an end.
        if path.contains(|c: char| c.is_control() || c == '#' || c == '\\') || path.ends_with(' ') {
            return Err(misuse("write #, \\, control characters and a space at the end as %XX"));
        }
        let (segments, _) = path.split_once('?').unwrap_or((path, ""));
        if segments.split('/').any(is_dots) {
            return Err(misuse("leave . and .. out"));
        }
        Url::parse(&format!("{}{path}", self.app)).map_err(|error| misuse(&error.to_string()))
    }

    /// The beginning of the address's path below the app, for errors: never what is asked with it.
    pub(super) fn shown(&self, url: &Url) -> String {
        let whole = url.path();
        let base = Url::parse(&self.app).map_or(0, |base| base.path().len());
        let path = whole.get(base..).unwrap_or(whole);
        let end = path.char_indices().nth(SHOWN_PATH).map_or(path.len(), |(end, _)| end);
        if end == path.len() { path.to_owned() } else { format!("{}…", &path[..end]) }
    }
}

/// Whether a URL parser takes a segment for "here" or "one up".
fn is_dots(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Base {
        Base::new("https://host:8443/prefix/", "org#app").unwrap()
    }

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_app(path in r"[/.%2eE\\?#a-z \t\n@:~-]{0,24}") {
            if let Ok(url) = base().join(&path) {
                prop_assert!(url.as_str().starts_with("https://host:8443/prefix/org/app/"), "{url}");
                let slashes = path.split('?').next().unwrap().matches('/').count();
                prop_assert_eq!(url.path().matches('/').count(), 3 + slashes);
            }
        }

        #[test]
        fn any_name_is_one_segment(name in ".{1,20}") {
            let path = format!("/users/{}/blocks", segment(&name));
            match base().join(&path) {
                Ok(url) => {
                    let segments: Vec<_> = url.path_segments().unwrap().collect();
                    prop_assert_eq!(segments.len(), 6);
                    let decoded = percent_encoding::percent_decode_str(segments[4]).decode_utf8().unwrap();
                    prop_assert_eq!(decoded, name);
                }
                Err(_) => prop_assert!(is_dots(&name)),
            }
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_what_to_do() {
        let refused = |path: &str| base().join(path).unwrap_err().to_string();
        insta::assert_snapshot!(refused("users"), @r#""users" is not a path below /ORG/APP: begin it with /"#);
        insta::assert_snapshot!(refused("/a/%2E./b"), @r#""/a/%2E./b" is not a path below /ORG/APP: leave . and .. out"#);
        insta::assert_snapshot!(refused("/a\u{1b}[2J"), @r#""/a\u{1b}[2J" is not a path below /ORG/APP: write #, \, control characters and a space at the end as %XX"#);
        assert!(refused(&"/x".repeat(5000)).len() < 250);
    }

    #[test]
    fn what_is_no_target_is_refused_with_what_to_do() {
        let refused = |rest, key| Base::new(rest, key).unwrap_err().to_string();
        for key in ["org", "#app", "org#", "org#a/b", "org#a#b", "org#..", "or g#app", "org#a?b", "org#a%2f"]
        {
            assert!(refused("http://h", key).ends_with("is not an app key: write ORG#APP"), "{key}");
        }
        for rest in ["h", "ftp://h", "http://h?x", "http://h#x", "http://"] {
            assert!(
                refused(rest, "org#app").ends_with("is not a REST address: write http(s)://HOST"),
                "{rest}"
            );
        }
        let with_password = refused("http://u:hunter2@h", "org#app");
        insta::assert_snapshot!(with_password, @"the REST address has a user or password in it: write http(s)://HOST");
    }

    #[test]
    fn errors_show_the_path_below_the_app_escaped_and_bounded() {
        let shown = |path: &str| base().shown(&base().join(path).unwrap());
        assert_eq!(shown("/users/a b\u{202e}?token=x"), "/users/a%20b%E2%80%AE");
        assert_eq!(shown(&format!("/{}", "x".repeat(500))).chars().count(), SHOWN_PATH + 1);
    }
}
