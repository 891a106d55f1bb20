//! What a message meets that its sender may send: word filters, the app's own server, and how much
//! one user may send.

use super::{
    World,
    fault::Fault,
    file::{Answer, OnTimeout},
    frame::Refusal,
    send::Letter,
    silence::ChatType,
    user::UserId,
};
use crate::protocol::{schema::status::ErrorCode, time::Moment};

/// What becomes of a message that is not refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It is delivered.
    Deliver,
    /// It is acknowledged and reaches nobody.
    Swallow,
}

impl World {
    /// Lets a message of a client pass, or not, by what it says and how much its sender sends.
    pub(super) fn screen(
        &mut self,
        now: Moment,
        sender: UserId,
        chat_type: ChatType,
        letter: &Letter<'_>,
    ) -> Result<Verdict, Refusal> {
        if chat_type == ChatType::Single || !self.faults.strikes(Fault::FilterSingleOnly) {
            self.filter(letter.texts())?;
        }
        let verdict = match chat_type {
            ChatType::Single | ChatType::Group => self.ask_app(letter)?,
            ChatType::Room => Verdict::Deliver,
        };
        let limit = self.settings.limits.messages_per_second;
        if self.users.get_mut(sender).is_some_and(|user| !user.rate.admits(now, limit)) {
            return Err(Refusal::new(ErrorCode::PermissionDenied as i32, "traffic limit"));
        }
        Ok(verdict)
    }

    /// Refuses texts that hold a word of a filter.
    pub(super) fn filter<'a>(&self, mut texts: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        texts.find_map(|text| self.settings.filter(text)).map_or(Ok(()), |refusal| Err(refusal.clone()))
    }

    /// What the app's own server says of a message.
    fn ask_app(&self, letter: &Letter<'_>) -> Result<Verdict, Refusal> {
        let hook = &self.settings.hook;
        let rule = letter
            .texts()
            .find_map(|text| hook.rules.iter().find(|rule| text.contains(&rule.contains.value)));
        let denied = |reason: &str| {
            let is_changed = self.faults.strikes(Fault::HookAs7);
            let status =
                if is_changed { ErrorCode::PermissionDenied } else { ErrorCode::PermissionDeniedExternal };
            Err(Refusal::new(status as i32, reason))
        };
        match (rule.map(|rule| (rule.answer, &rule.code)), hook.on_timeout) {
            (None, _) | (Some((Answer::None, _)), OnTimeout::Pass) => Ok(Verdict::Deliver),
            (Some((Answer::None, _)), OnTimeout::Block) => denied("custom internal error"),
            (Some((Answer::Swallow, _)), _) => Ok(Verdict::Swallow),
            (Some((Answer::Reject, code)), _) => match code {
                Some(code) if !code.value.is_empty() => denied(&code.value),
                _ => denied("custom logic denied"),
            },
        }
    }
}
