//! Plans as header fields of a host, and their application to responses.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

/// `Origin`, `Access-Control-Request-Method` and `Access-Control-Request-Headers` of a request, for
/// the lines that echo them.
pub(crate) type Echoes = [Option<Py<PyAny>>; 3];

/// A line of header fields: a pair of name and value, in the type of the host.
struct Line {
    name: Py<PyAny>,
    line: Py<PyTuple>,
    /// The index of the echoed value of the request; `None` for a fixed value.
    echo: Option<usize>,
}

/// The fast path of `onecors._response.ResponseTemplate`, prepared when a policy is loaded.
pub(crate) struct ResponseTemplate {
    /// `None` if the application responds.
    pub(crate) status: Option<Py<PyAny>>,
    /// The status in the keys of WSGI, or `None`.
    pub(crate) status_line: Py<PyAny>,
    /// `onecors._response.ResponseTemplate`, which applies the plan to any fields.
    general: Py<PyAny>,
    /// The lines of the plan, `Vary` last.
    lines: Box<[Line]>,
    /// The lines of the adapter's own response.
    own: Box<[Line]>,
    /// `lines`, if they are the same for every request.
    fixed: Option<Py<PyList>>,
    /// `own` and the result of `described`, likewise.
    own_fixed: Option<Py<PyList>>,
    described: Option<Py<PyTuple>>,
}

impl ResponseTemplate {
    pub(crate) fn of(general: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = general.py();
        let of_plan = || -> PyResult<Vec<Line>> {
            let mut lines = lines(&general.getattr("lines")?)?;
            lines.extend(fixed(&general.getattr("vary_line")?)?);
            Ok(lines)
        };
        let own = fixed(&general.getattr("content_length")?)?.into_iter().chain(of_plan()?);
        let lines = of_plan()?;
        let is_fixed = lines.iter().all(|line| line.echo.is_none());
        let status = general.getattr("status")?;
        let mut template = Self {
            status: (!status.is_none()).then(|| status.unbind()),
            status_line: general.getattr("status_line")?.unbind(),
            general: general.clone().unbind(),
            lines: lines.into(),
            own: own.collect(),
            fixed: None,
            own_fixed: None,
            described: None,
        };
        if is_fixed {
            let nothing = Echoes::default();
            template.fixed = Some(rendered(py, &template.lines, &nothing)?.unbind());
            template.own_fixed = Some(rendered(py, &template.own, &nothing)?.unbind());
            template.described = Some(template.described(py, &nothing)?.unbind());
        }
        Ok(template)
    }

    /// The fields of the adapter's own response.
    pub(crate) fn own_fields<'py>(
        &self,
        py: Python<'py>,
        echoes: &Echoes,
    ) -> PyResult<Bound<'py, PyList>> {
        match &self.own_fixed {
            Some(fixed) => Ok(fixed.bind(py).get_slice(0, self.own.len())),
            None => rendered(py, &self.own, echoes),
        }
    }

    /// The status and the lines of the plan, for a host that passes no fields.
    pub(crate) fn described<'py>(
        &self,
        py: Python<'py>,
        echoes: &Echoes,
    ) -> PyResult<Bound<'py, PyTuple>> {
        if let Some(described) = &self.described {
            return Ok(described.bind(py).clone());
        }
        let lines = if self.status.is_some() { &self.own } else { &self.lines };
        (&self.status, PyTuple::new(py, each_rendered(py, lines, echoes)?)?).into_pyobject(py)
    }

    /// Applies the plan to the fields of the application's response.
    ///
    /// Almost no response has a field that a plan replaces or merges. Then the plan's fields are
    /// appended to a copy; otherwise `onecors._response` applies the plan.
    pub(crate) fn apply<'py>(
        &self,
        fields: &Bound<'py, PyAny>,
        echoes: &Echoes,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = fields.py();
        let Ok(given) = fields.cast_exact::<PyList>() else {
            return self.apply_in_general(fields, echoes);
        };
        if !given.iter().all(|field| is_left_alone(&field)) {
            return self.apply_in_general(fields, echoes);
        }
        let given = given.as_sequence();
        let all = match &self.fixed {
            Some(fixed) => given.concat(fixed.bind(py).as_sequence()),
            None => given.concat(rendered(py, &self.lines, echoes)?.as_sequence()),
        };
        Ok(all?.into_any())
    }

    #[cold]
    fn apply_in_general<'py>(
        &self,
        fields: &Bound<'py, PyAny>,
        echoes: &Echoes,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = fields.py();
        let parts = PyTuple::new(py, echoes.iter().map(|part| part.as_ref()))?;
        self.general.bind(py).call_method1("apply", (parts, fields))
    }
}

/// Whether a field of a response is a pair, with a name that no plan changes.
fn is_left_alone(field: &Bound<'_, PyAny>) -> bool {
    let Ok(pair) = field.cast_exact::<PyTuple>() else { return false };
    let Ok(name) = pair.get_borrowed_item(0) else { return false };
    if let Ok(name) = name.cast_exact::<PyBytes>() {
        return !may_change(name.as_bytes());
    }
    match name.cast_exact::<PyString>() {
        Ok(name) => name.to_str().is_ok_and(|name| !may_change(name.as_bytes())),
        Err(_) => false,
    }
}

/// May be true for names that no plan changes: the slow path is exact.
fn may_change(name: &[u8]) -> bool {
    const OWNED: &[u8] = b"access-control-";
    match name.len() {
        4 => name.eq_ignore_ascii_case(b"vary"),
        length => length > OWNED.len() && name[..OWNED.len()].eq_ignore_ascii_case(OWNED),
    }
}

fn rendered<'py>(py: Python<'py>, lines: &[Line], echoes: &Echoes) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, each_rendered(py, lines, echoes)?)
}

fn each_rendered<'py>(
    py: Python<'py>,
    lines: &[Line],
    echoes: &Echoes,
) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let line = |line: &Line| match line.echo.and_then(|part| echoes[part].as_ref()) {
        // An echoed value has passed the engine's grammar.
        Some(value) => PyTuple::new(py, [&line.name, value]),
        None => Ok(line.line.bind(py).clone()),
    };
    lines.iter().map(line).collect()
}

/// The lines of a plan: pairs of a line, and the index of the value that it echoes or `None`.
fn lines(pairs: &Bound<'_, PyAny>) -> PyResult<Vec<Line>> {
    pairs
        .try_iter()?
        .map(|pair| {
            let (line, echo) = pair?.extract::<(Bound<'_, PyTuple>, Option<usize>)>()?;
            line_of(line, echo)
        })
        .collect()
}

fn fixed(pairs: &Bound<'_, PyAny>) -> PyResult<Vec<Line>> {
    pairs.try_iter()?.map(|line| line_of(line?.cast_into::<PyTuple>()?, None)).collect()
}

fn line_of(line: Bound<'_, PyTuple>, echo: Option<usize>) -> PyResult<Line> {
    if line.len() != 2 || echo.is_some_and(|part| part >= Echoes::default().len()) {
        return Err(PyTypeError::new_err("a line must be a pair, and echo one of three values"));
    }
    Ok(Line { name: line.get_item(0)?.unbind(), line: line.unbind(), echo })
}
