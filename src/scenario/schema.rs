//! The JSON Schema of the scenario file, made from the vocabulary that the reader checks with.

use serde_json::{Map, Value, json};

use super::vocabulary::{
    CAPABILITIES, CHECKERS, FILE, Key, Kind, MESSAGE_TYPES, Need, STATEMENTS, Statement, Table, VERBS, Verb,
    Zero,
};
use crate::protocol::event::Name;

/// The schema, draft 2020-12. It knows shapes; names and expressions are the reader's to check.
pub fn schema() -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chatproof scenario",
        "description": "One conversation between a few actors; docs/scenarios.md explains every key.",
    });
    schema["$defs"] = json!({
        "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
        "step": {"oneOf": STATEMENTS.iter().map(statement).chain([actor_step()]).collect::<Vec<_>>()},
        "action": {"oneOf": actions()},
        "duration": {"type": "string", "pattern": "^([0-9]+ *[a-zA-Zµ]+ *)+$", "examples": ["100ms", "2s", "1m30s"]},
        "template": {"type": ["string", "number", "boolean"], "examples": ["notice {{ iteration }}"]},
        "expression": {"type": ["string", "number", "boolean"], "examples": ["event.id == notice.mid"]},
        "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "slug": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_/-]*$"},
    });
    if let (Value::Object(schema), Value::Object(mut file)) = (&mut schema, object(&FILE)) {
        schema.append(&mut file);
    }
    schema
}

/// The schema as it is published: indented, with a newline at its end.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

fn object(table: &Table) -> Value {
    keys(table.keys.iter())
}

fn keys<'a>(keys: impl Iterator<Item = &'a Key> + Clone) -> Value {
    let properties: Map<String, Value> =
        keys.clone().map(|key| (key.name.to_owned(), property(key))).collect();
    let needed: Vec<&str> = keys.filter(|key| key.need == Need::Required).map(|key| key.name).collect();
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

/// One key. Beside a `$ref`, a description is allowed since draft 2019-09.
fn property(key: &Key) -> Value {
    let mut schema = kind(key.kind);
    schema["description"] = json!(key.about);
    schema
}

fn kind(of: Kind) -> Value {
    match of {
        Kind::Text => json!({"type": ["string", "number", "boolean"]}),
        Kind::Slug => json!({"$ref": "#/$defs/slug"}),
        Kind::Name => json!({"$ref": "#/$defs/name"}),
        Kind::Template => json!({"$ref": "#/$defs/template"}),
        Kind::Expression => json!({"$ref": "#/$defs/expression"}),
        Kind::Duration(Zero::Allowed | Zero::Refused) => json!({"$ref": "#/$defs/duration"}),
        Kind::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Rate => json!({"type": "string", "pattern": "^[0-9.]+ */ *(s|m|min|h)$", "examples": ["10/s"]}),
        Kind::Threshold => json!({"type": "string", "examples": ["send.txt.p99 < 50ms", "errors == 0"]}),
        Kind::Refusal => {
            json!({"anyOf": [{"type": "integer"}, {"const": "muted"}]})
        }
        Kind::Event => json!({"enum": Name::ALL.iter().map(|name| name.as_str()).collect::<Vec<_>>()}),
        Kind::MessageType => {
            json!({"enum": MESSAGE_TYPES.iter().map(|known| known.name).collect::<Vec<_>>()})
        }
        Kind::Capability => json!({"enum": CAPABILITIES.iter().map(|(name, _)| *name).collect::<Vec<_>>()}),
        Kind::Checker => {
            json!({"enum": CHECKERS.iter().flat_map(|(id, name)| [*id, *name]).collect::<Vec<_>>()})
        }
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Pattern | Kind::Constant => json!({}),
        Kind::List(item) => json!({"type": "array", "items": kind(*item)}),
        Kind::Map(value) => json!({"type": "object", "additionalProperties": kind(*value)}),
        // `login:` with nothing behind it says the same as `login: {}`.
        Kind::Object(table) if table.may_be_empty() => {
            json!({"anyOf": [object(table), {"type": "null"}]})
        }
        Kind::Object(table) => object(table),
        Kind::Short(scalar, table) => json!({"anyOf": [kind(*scalar), object(table)]}),
        Kind::Steps => json!({"$ref": "#/$defs/steps"}),
    }
}

fn statement(statement: &Statement) -> Value {
    keys([&statement.key].into_iter().chain(statement.beside))
}

/// `alice: …`: one key that is no statement.
fn actor_step() -> Value {
    let words: Vec<&str> = STATEMENTS.iter().map(|statement| statement.key.name).collect();
    json!({
        "type": "object",
        "description": "An actor and what it does.",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"not": {"enum": words}},
        "additionalProperties": {"$ref": "#/$defs/action"},
    })
}

fn actions() -> Vec<Value> {
    let ready = || VERBS.iter().filter(|verb| verb.ready);
    let alone: Vec<&str> = ready().filter(|verb| verb.alone).map(|verb| verb.key.name).collect();
    let with_keys = |verb: &'static Verb| keys([&verb.key].into_iter().chain(verb.beside));
    [json!({"enum": alone})].into_iter().chain(ready().map(with_keys)).collect()
}
