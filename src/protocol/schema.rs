//! The MSync schema: Rust types generated from `schema/msync.proto`, and its descriptor.
//!
//! Enums stay `Option<i32>` so that unknown values survive; read them with `try_from`, never with
//! the generated accessors, which answer the default for a value they do not know.

#![allow(
    missing_docs,
    clippy::use_self,
    unused_qualifications,
    unreachable_pub,
    reason = "generated code; msync.proto says what each message is"
)]

include!("schema/msync.rs");

/// The compiled descriptor of the schema (a `FileDescriptorSet`), for readers that need names.
pub const DESCRIPTOR: &[u8] = include_bytes!("schema/msync.bin");
