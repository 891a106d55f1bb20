//! Templates and expressions: compiled once when the file is read, evaluated against a [`Scope`].
//!
//! The language is Jinja's, by minijinja: small, safe (no I/O, fuel and depth are bounded), known to
//! many, and able to name the variables of an expression before it is evaluated.

use std::{borrow::Cow, collections::BTreeSet, fmt, sync::Arc, sync::LazyLock};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use super::scope::Scope;

/// How much work one evaluation may do (minijinja's fuel: about one unit an instruction).
const FUEL: u64 = 100_000;

/// What every expression shares: strict about undefined values, bounded in work.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment
});

/// An expression or template that cannot be compiled or has no value.
#[derive(Debug, thiserror::Error)]
#[error("evaluate `{text}`: {reason}")]
pub struct EvaluationError {
    /// The expression or template.
    pub text: Arc<str>,
    /// What is wrong with it.
    pub reason: String,
    /// Whether it read a field of something that is not there.
    pub is_absence: bool,
}

impl EvaluationError {
    fn new(text: &Arc<str>, error: &minijinja::Error) -> Self {
        let reason = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
        Self { text: Arc::clone(text), reason, is_absence: error.kind() == ErrorKind::UndefinedError }
    }
}

/// A compiled expression, such as `event.id == notice.mid`.
#[derive(Clone)]
pub struct Expression {
    text: Arc<str>,
    compiled: Arc<minijinja::Expression<'static, 'static>>,
}

impl Expression {
    /// Compiles the text.
    ///
    /// # Errors
    /// When it is not an expression.
    pub fn compile(text: &str) -> Result<Self, EvaluationError> {
        let text: Arc<str> = text.into();
        match ENVIRONMENT.compile_expression_owned(text.to_string()) {
            Ok(compiled) => Ok(Self { text, compiled: Arc::new(compiled) }),
            Err(error) => Err(EvaluationError::new(&text, &error)),
        }
    }

    /// The expression as the file has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value.
    ///
    /// # Errors
    /// When a name has no value or an operation does not fit its operands.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, EvaluationError> {
        self.compiled.eval(scope.context()).map_err(|error| EvaluationError::new(&self.text, &error))
    }

    /// Whether it holds: its value is neither false, zero, empty nor absent.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn holds(&self, scope: &Scope) -> Result<bool, EvaluationError> {
        self.evaluate(scope).map(|value| value.is_true())
    }

    /// Whether it fails because it uses a filter or test that does not exist.
    pub(super) fn uses_an_unknown_word(&self) -> bool {
        let failed = self.compiled.eval(Value::UNDEFINED).map_err(|error| error.kind());
        matches!(failed, Err(ErrorKind::UnknownFilter | ErrorKind::UnknownTest))
    }

    /// The names that it needs, `a.b` where it reads a field of `a`.
    pub fn names(&self) -> BTreeSet<String> {
        self.compiled.undeclared_variables(true).into_iter().collect()
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

/// A text with `{{ expressions }}` in it. One without costs nothing to render.
#[derive(Clone)]
pub struct Template {
    text: Arc<str>,
    compiled: Option<Arc<Environment<'static>>>,
}

impl Template {
    /// Compiles the text.
    ///
    /// # Errors
    /// When it is not a template.
    pub fn compile(text: &str) -> Result<Self, EvaluationError> {
        let text: Arc<str> = text.into();
        if !["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
            return Ok(Self { text, compiled: None });
        }
        let mut environment = ENVIRONMENT.clone();
        match environment.add_template_owned("", text.to_string()) {
            Ok(()) => Ok(Self { text, compiled: Some(Arc::new(environment)) }),
            Err(error) => Err(EvaluationError::new(&text, &error)),
        }
    }

    /// A text that is itself, whatever stands in it.
    pub(super) fn literal(text: &str) -> Self {
        Self { text: text.into(), compiled: None }
    }

    /// The template as the file has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, if it is the same in every scope.
    pub fn constant(&self) -> Option<&str> {
        self.compiled.is_none().then_some(&*self.text)
    }

    /// The text with every expression replaced by its value.
    ///
    /// # Errors
    /// When a name has no value or an operation does not fit its operands.
    pub fn render(&self, scope: &Scope) -> Result<Cow<'_, str>, EvaluationError> {
        let Some(environment) = &self.compiled else { return Ok(Cow::Borrowed(&self.text)) };
        environment
            .get_template("")
            .and_then(|template| template.render(scope.context()))
            .map(Cow::Owned)
            .map_err(|error| EvaluationError::new(&self.text, &error))
    }

    /// The names that it needs, `a.b` where it reads a field of `a`.
    pub fn names(&self) -> BTreeSet<String> {
        let Some(environment) = &self.compiled else { return BTreeSet::new() };
        environment
            .get_template("")
            .map(|template| template.undeclared_variables(true).into_iter().collect())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.text).finish()
    }
}

/// A free value (an ext value, a REST body) whose texts are templates.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `null`, a boolean or a number.
    Constant(serde_json::Value),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Self>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Self)>),
}

impl Pattern {
    /// The value with every template rendered.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render(&self, scope: &Scope) -> Result<serde_json::Value, EvaluationError> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Text(template) => template.render(scope)?.into(),
            Self::List(items) => {
                items.iter().map(|item| item.render(scope)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Self::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| Ok((key.clone(), value.render(scope)?))).collect::<Result<
                    _,
                    EvaluationError,
                >>(
                )?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::scope::value;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.bind("iteration", Value::from(7));
        scope.bind("event", value(&serde_json::json!({"id": "42", "ext": {"k": 1}})));
        scope
    }

    #[test]
    fn a_template_renders_the_names_of_its_scope() {
        let template = Template::compile("notice {{ iteration }} <&>").unwrap();
        assert_eq!(template.render(&scope()).unwrap(), "notice 7 <&>");
        assert_eq!(template.constant(), None);
    }

    #[test]
    fn a_text_without_expressions_is_borrowed() {
        let template = Template::compile("a { b } %}").unwrap();
        assert!(matches!(template.render(&Scope::default()), Ok(Cow::Borrowed("a { b } %}"))));
    }

    #[test]
    fn an_expression_reads_fields_of_an_event() {
        let expression = Expression::compile("event.id == '42' and event.ext.k == 1").unwrap();
        assert!(expression.holds(&scope()).unwrap());
    }

    #[test]
    fn a_name_without_a_value_is_an_error_not_an_empty_text() {
        assert!(Template::compile("{{ nobody }}").unwrap().render(&scope()).is_err());
        let absent = Expression::compile("event.nope.deeper").unwrap().evaluate(&scope()).unwrap_err();
        assert!(absent.is_absence, "{absent:?}");
        let wrong = Expression::compile("event.id / 0").unwrap().evaluate(&scope()).unwrap_err();
        assert!(!wrong.is_absence, "{wrong:?}");
    }

    #[test]
    fn endless_work_ends() {
        let text = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
        assert!(Template::compile(text).unwrap().render(&scope()).is_err());
    }

    #[test]
    fn names_include_the_fields_read() {
        let expression = Expression::compile("event.id == notice.mid and not self").unwrap();
        assert_eq!(expression.names().into_iter().collect::<Vec<_>>(), ["event.id", "notice.mid", "self"]);
    }
}
