//! The scenario file format: what a file can say ([`model`]), how it is read with the place of every
//! mistake, and the expressions inside it. Plays nothing; the engine does.

pub mod expression;
mod media;
pub mod mistake;
pub mod model;
mod read;
mod schema;
pub mod scope;
pub mod threshold;
mod tree;
pub mod vocabulary;

pub use expression::{EvaluationError, Expression, Pattern, Template};
pub use media::MEDIA;
pub use minijinja::Value;
pub use mistake::{Ink, Mistake, Mistakes};
pub use model::Scenario;
pub use read::{Profile, ReadError, open, read, read_profile};
pub use schema::{schema, schema_text};
pub use scope::{Scope, value};
pub use threshold::Threshold;
