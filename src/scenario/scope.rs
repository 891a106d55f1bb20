//! The names that an expression can see while a conversation is played.

use std::sync::Arc;

use minijinja::value::{Object, Serde, Value};
use serde::Serialize;

/// Anything that serialises, as a value that expressions can read.
pub fn value(of: &impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// Names and their values. A clone shares them until one side binds another name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Arc<Names>,
}

#[derive(Clone, Debug, Default)]
struct Names(Vec<(Arc<str>, Value)>);

impl Scope {
    /// Binds `name`, in place of what it was bound to.
    pub fn bind(&mut self, name: impl Into<Arc<str>>, value: Value) {
        let name = name.into();
        let names = &mut Arc::make_mut(&mut self.names).0;
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => names.push((name, value)),
        }
    }

    /// This scope with one more name; the scope itself stays as it is.
    #[must_use]
    pub fn with(&self, name: impl Into<Arc<str>>, value: Value) -> Self {
        let mut wider = self.clone();
        wider.bind(name, value);
        wider
    }

    /// What `name` is bound to.
    pub fn lookup(&self, name: &str) -> Option<&Value> {
        self.names.lookup(name)
    }

    /// The scope as the context of an evaluation; costs one reference count.
    pub(super) fn context(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.names))
    }
}

impl Names {
    fn lookup(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.lookup(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.lookup(key).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_bound_in_a_clone_stays_there() {
        let mut outer = Scope::default();
        outer.bind("a", Value::from(1));
        let mut inner = outer.clone();
        inner.bind("a", Value::from(2));
        inner.bind("b", Value::from(3));
        assert_eq!(outer.lookup("a"), Some(&Value::from(1)));
        assert_eq!(outer.lookup("b"), None);
        assert_eq!(inner.lookup("a"), Some(&Value::from(2)));
    }
}
