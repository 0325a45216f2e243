package io.onecors.lambda;

/** What hands a request to a function, which says what the event and the answer look like. */
enum Kind {
  /** A REST API of API Gateway. */
  REST,
  /** An HTTP API of API Gateway with payload format 1.0. */
  HTTP1,
  /** An HTTP API of API Gateway with payload format 2.0. */
  HTTP2,
  /** The URL of a function, which speaks payload format 2.0. */
  FUNCTION_URL,
  /** An Application Load Balancer. */
  ALB,
  /** An Application Load Balancer whose target group has multi-value headers. */
  ALB_MULTI,
  /** VPC Lattice with event format 1. */
  LATTICE1,
  /** VPC Lattice with event format 2. */
  LATTICE2;

  /** Whether an answer without {@code statusCode} is taken as the body of a 200. */
  boolean infersAnswers() {
    return this == HTTP2 || this == FUNCTION_URL;
  }

  /** Whether an answer has the words of its status beside the number. */
  boolean describesStatus() {
    return switch (this) {
      case ALB, ALB_MULTI, LATTICE1, LATTICE2 -> true;
      default -> false;
    };
  }

  /** Whether a header field of an answer is a list of its lines. */
  boolean hasLists() {
    return this == ALB_MULTI;
  }

  /** The member of an answer that is sure to be read for header fields. */
  String map() {
    return hasLists() ? "multiValueHeaders" : "headers";
  }

  /** The member of an answer that may be read for header fields as well. */
  String otherMap() {
    return hasLists() ? "headers" : "multiValueHeaders";
  }
}
