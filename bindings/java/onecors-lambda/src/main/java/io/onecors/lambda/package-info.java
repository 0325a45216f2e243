/**
 * A CORS policy in front of a function on AWS Lambda, whatever calls it: the REST and HTTP APIs of
 * API Gateway, a function URL, an Application Load Balancer or VPC Lattice.
 */
package io.onecors.lambda;
