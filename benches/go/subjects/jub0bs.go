//go:build !without_jub0bs

package subjects

import jub0bs "github.com/jub0bs/cors"

var others = []Subject{{"jub0bs/cors", "github.com/jub0bs/cors", newJub0bs}}

func newJub0bs(document *Document) (Middleware, error) {
	origins, plain := document.texts()
	if !plain {
		return nil, ErrNotExpressible
	}
	middleware, err := jub0bs.NewMiddleware(jub0bs.Config{
		Origins:         origins,
		Credentialed:    document.AllowCredentials,
		Methods:         document.AllowMethods,
		RequestHeaders:  document.AllowHeaders,
		MaxAgeInSeconds: document.MaxAge,
		ResponseHeaders: document.ExposeHeaders,
	})
	if err != nil {
		return nil, err
	}
	return middleware.Wrap, nil
}
