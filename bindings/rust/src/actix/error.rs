//! An error of the service inside, whose response gets the header fields of a plan.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, ResponseError};

use super::rendered::Reply;

/// An error and the plan of its request. actix-web makes the response of an error outside of every
/// middleware, so the fields have to come with the error.
pub(super) struct ErrorWithReply {
    pub(super) error: Error,
    pub(super) reply: Reply,
}

impl fmt::Debug for ErrorWithReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Display for ErrorWithReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for ErrorWithReply {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        self.reply.apply(response.headers_mut());
        response
    }
}
