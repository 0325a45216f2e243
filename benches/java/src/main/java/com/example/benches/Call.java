package com.example.benches;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.MappingMatch;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.OutputBuffer;
import org.apache.tomcat.util.http.MimeHeaders;

/**
 * A request and a response of Tomcat.
 *
 * <p>They are what a filter gets in a running Tomcat: the facades of catalina's objects, over
 * coyote's, whose fields are bytes in a buffer until somebody asks for a string. As in a connection
 * that is kept alive, all are recycled and filled again for each call, and the facades are new.
 * Parsing the bytes, mapping the path and writing to a socket are left out: the bounds of the
 * fields and the servlet are known beforehand, and what is written is dropped.
 */
final class Call {
  private static final String PATH = "/items";

  private final Context context;
  private final Wrapper servlet;
  private final org.apache.coyote.Request coyoteRequest = new org.apache.coyote.Request();
  private final org.apache.coyote.Response coyoteResponse = new org.apache.coyote.Response();
  private final Request request;
  private final Response response;

  Call(Connector connector, Context context, Wrapper servlet) {
    this.context = context;
    this.servlet = servlet;
    coyoteRequest.setResponse(coyoteResponse);
    coyoteResponse.setRequest(coyoteRequest);
    coyoteResponse.setOutputBuffer(new Nowhere());
    request = new Request(connector, coyoteRequest);
    response = new Response(coyoteResponse);
    request.setResponse(response);
    response.setRequest(request);
  }

  /** Begins with a new request. */
  void receive(Head head) {
    request.recycle();
    response.recycle();
    coyoteRequest.recycle();
    coyoteResponse.recycle();
    head.fill(coyoteRequest);
    coyoteRequest.scheme().setString("http");
    coyoteRequest.serverName().setString("api.example.com");
    coyoteRequest.setServerPort(80);
    coyoteRequest.protocol().setString("HTTP/1.1");
    coyoteRequest.requestURI().setString(PATH);
    coyoteRequest.decodedURI().setString(PATH);
    request.getMappingData().context = context;
    request.getMappingData().wrapper = servlet;
    request.getMappingData().wrapperPath.setString(PATH);
    request.getMappingData().matchType = MappingMatch.EXACT;
  }

  HttpServletRequest request() {
    return request.getRequest();
  }

  HttpServletResponse response() {
    return response.getResponse();
  }

  int status() {
    return response.getStatus();
  }

  /** The lines that the response has now, by their names in lower case. */
  Map<String, String> lines() {
    Map<String, String> lines = new TreeMap<>();
    MimeHeaders fields = coyoteResponse.getMimeHeaders();
    for (int i = 0; i < fields.size(); i++) {
      String name = fields.getName(i).toString().toLowerCase(java.util.Locale.ROOT);
      lines.merge(name, fields.getValue(i).toString(), (one, two) -> one + ", " + two);
    }
    return lines;
  }

  /** The end of a connection that nobody is at. */
  private static final class Nowhere implements OutputBuffer {
    private long written;

    @Override
    public int doWrite(ByteBuffer chunk) {
      int length = chunk.remaining();
      chunk.position(chunk.limit());
      written += length;
      return length;
    }

    @Override
    public long getBytesWritten() {
      return written;
    }
  }
}
