//! The schema as data: names, numbers and types of all fields, from the embedded descriptor.

use std::{collections::HashMap, sync::OnceLock};

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

use crate::protocol::schema::DESCRIPTOR;

/// All messages and enums, by their full names, such as `.easemob.pb.MSync`.
#[derive(Debug, Default)]
pub(super) struct Schema {
    messages: HashMap<String, MessageType>,
    enums: HashMap<String, HashMap<i32, String>>,
}

/// One message type.
#[derive(Debug)]
pub(super) struct MessageType {
    /// Its name without package and outer messages.
    pub(super) name: String,
    fields: HashMap<u32, FieldType>,
}

/// One field of a message type.
#[derive(Debug)]
pub(super) struct FieldType {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
    pub(super) packed: bool,
}

/// What a field holds, as far as showing it differs.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    /// 32 bits or fewer, signed.
    Int32,
    Uint32,
    /// 64 bits, signed.
    Int64,
    Uint64,
    Float,
    Double,
    Text,
    Bytes,
    Enum(String),
    Message(String),
    /// A type that the schema does not use.
    Other,
}

impl Schema {
    /// The schema of this crate.
    pub(super) fn embedded() -> &'static Self {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let set = FileDescriptorSet::decode(DESCRIPTOR)
                .expect("the embedded descriptor is compared with its source by a test");
            let mut schema = Self::default();
            for file in &set.file {
                let package = format!(".{}", file.package());
                file.enum_type.iter().for_each(|descriptor| schema.add_enum(&package, descriptor));
                file.message_type.iter().for_each(|descriptor| schema.add_message(&package, descriptor));
            }
            schema
        })
    }

    /// A message type by its full name.
    pub(super) fn message(&self, full_name: &str) -> Option<&MessageType> {
        self.messages.get(full_name)
    }

    /// The name of an enum's value.
    pub(super) fn enum_value(&self, full_name: &str, number: i32) -> Option<&str> {
        self.enums.get(full_name)?.get(&number).map(String::as_str)
    }

    fn add_message(&mut self, scope: &str, descriptor: &DescriptorProto) {
        let full_name = format!("{scope}.{}", descriptor.name());
        descriptor.enum_type.iter().for_each(|nested| self.add_enum(&full_name, nested));
        descriptor.nested_type.iter().for_each(|nested| self.add_message(&full_name, nested));
        let fields = descriptor
            .field
            .iter()
            .filter_map(|field| Some((u32::try_from(field.number()).ok()?, FieldType::of(field))))
            .collect();
        self.messages.insert(full_name, MessageType { name: descriptor.name().to_owned(), fields });
    }

    fn add_enum(&mut self, scope: &str, descriptor: &EnumDescriptorProto) {
        let values = descriptor.value.iter().map(|value| (value.number(), value.name().to_owned())).collect();
        self.enums.insert(format!("{scope}.{}", descriptor.name()), values);
    }
}

impl MessageType {
    pub(super) fn field(&self, number: u32) -> Option<&FieldType> {
        self.fields.get(&number)
    }
}

impl FieldType {
    fn of(descriptor: &FieldDescriptorProto) -> Self {
        let type_name = || descriptor.type_name().to_owned();
        let kind = match descriptor.r#type() {
            Type::Bool => Kind::Bool,
            Type::Int32 => Kind::Int32,
            Type::Uint32 => Kind::Uint32,
            Type::Int64 => Kind::Int64,
            Type::Uint64 => Kind::Uint64,
            Type::Float => Kind::Float,
            Type::Double => Kind::Double,
            Type::String => Kind::Text,
            Type::Bytes => Kind::Bytes,
            Type::Enum => Kind::Enum(type_name()),
            Type::Message => Kind::Message(type_name()),
            Type::Fixed32
            | Type::Fixed64
            | Type::Group
            | Type::Sfixed32
            | Type::Sfixed64
            | Type::Sint32
            | Type::Sint64 => Kind::Other,
        };
        Self {
            name: descriptor.name().to_owned(),
            kind,
            repeated: descriptor.label() == Label::Repeated,
            packed: descriptor.options.as_ref().is_some_and(|options| options.packed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_schema_can_be_shown() {
        let schema = Schema::embedded();
        assert!(schema.messages.len() > 20, "{}", schema.messages.len());
        for (name, message) in &schema.messages {
            for field in message.fields.values() {
                match &field.kind {
                    Kind::Other => panic!("{name}.{} has a type that is not shown", field.name),
                    Kind::Message(inner) => assert!(schema.message(inner).is_some(), "{inner}"),
                    Kind::Enum(inner) => assert!(schema.enums.contains_key(inner), "{inner}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn no_field_is_named_like_what_a_tree_adds() {
        for (name, message) in &Schema::embedded().messages {
            for field in message.fields.values() {
                let taken = ["message", "numbers", "unknown", "earlier", "remarks"];
                assert!(!taken.contains(&field.name.as_str()), "{name}.{}", field.name);
            }
        }
    }
}
