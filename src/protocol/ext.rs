//! Values of an `ext` and of `customExts`: what JavaScript can hold there, and its `KeyValue` form.

/// One value of an ext, as the page that sets it sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExtValue {
    /// A string, sent as STRING.
    Text(String),
    /// A boolean, sent as BOOL.
    Bool(bool),
    /// A number: INT when `Number.isInteger` holds, else DOUBLE.
    Number(f64),
    /// An object, an array or `null`, sent as JSON_STRING in the form that `JSON.stringify` gives.
    Json(serde_json::Value),
    /// JavaScript's `undefined`; each generation has its own way with it.
    Undefined,
}

/// An ext: key and value pairs in JavaScript's property order (integer-like keys first, ascending).
pub type Ext = Vec<(String, ExtValue)>;
